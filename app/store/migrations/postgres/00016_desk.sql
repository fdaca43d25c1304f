-- +goose Up

-- What a facilitator runs a room with: the clock, the spotlight, who speaks …
CREATE TABLE desks (
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  facet       text NOT NULL,
  value       text NOT NULL, -- JSON
  PRIMARY KEY (workshop_id, facet)
);
-- What was written in quiet and is not shown yet.
CREATE TABLE quiet_notes (
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  round_id    text NOT NULL,
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  text        text NOT NULL,
  PRIMARY KEY (round_id, user_id)
);

-- +goose Down
DROP TABLE quiet_notes;
DROP TABLE desks;
