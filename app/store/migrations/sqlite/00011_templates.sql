-- +goose Up

-- What proposals of a workshop may start from.
CREATE TABLE templates (
  id          text PRIMARY KEY,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  name        text NOT NULL,
  kind        text NOT NULL,
  content     text NOT NULL, -- JSON
  rationale   text NOT NULL,
  revision    bigint NOT NULL,
  made_by     text NOT NULL REFERENCES users (id),
  created_at  datetime NOT NULL,
  updated_at  datetime NOT NULL
);
CREATE INDEX templates_workshop ON templates (workshop_id, name);

-- +goose Down
DROP TABLE templates;
