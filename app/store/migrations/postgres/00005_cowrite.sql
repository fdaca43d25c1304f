-- +goose Up

-- Texts that several people write at once.
CREATE TABLE texts (
  id         bigserial PRIMARY KEY,
  topic      text NOT NULL, -- what it belongs to
  field      text NOT NULL,
  version    bigint NOT NULL, -- of the text here; text_updates has what came since
  text       text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (topic, field)
);
-- Each makes a version of a text out of the one before.
CREATE TABLE text_updates (
  text_id   bigint NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  version   bigint NOT NULL,
  author_id text NOT NULL,
  client    text NOT NULL, -- the author's editor that made it
  number    bigint NOT NULL, -- counts the updates of the client
  changes   text NOT NULL, -- JSON
  size      bigint NOT NULL, -- bytes of the changes of the text's updates up to this one
  PRIMARY KEY (text_id, version)
);
-- Who wrote, also where it is gone by now.
CREATE TABLE text_writers (
  text_id   bigint NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
  user_id    text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (text_id, user_id)
);

-- +goose Down
DROP TABLE text_writers;
DROP TABLE text_updates;
DROP TABLE texts;
