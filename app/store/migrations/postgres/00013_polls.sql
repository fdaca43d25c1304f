-- +goose Up

-- Questions to the room.
CREATE TABLE polls (
  id          text PRIMARY KEY,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  kind        text NOT NULL,
  question    text NOT NULL,
  options     text NOT NULL, -- JSON
  dots        bigint NOT NULL,
  anonymous   boolean NOT NULL,
  about       text NOT NULL, -- type:id
  state       text NOT NULL,
  urn         text NOT NULL, -- the process in whose memory the votes of an open anonymous poll are
  result      text NOT NULL, -- JSON; of an anonymous poll empty until it is closed
  made_by     text NOT NULL REFERENCES users (id),
  seq         bigint NOT NULL, -- of the event that made it
  restarts    bigint NOT NULL,
  opened_at   timestamptz,
  closed_at   timestamptz
);
CREATE INDEX polls_workshop ON polls (workshop_id, seq);
-- Who has voted in an anonymous poll: no time, no number, and nothing of what.
CREATE TABLE poll_voters (
  poll_id text NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (poll_id, user_id)
);
-- Votes by name.
CREATE TABLE poll_ballots (
  poll_id text NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  ballot  text NOT NULL, -- JSON
  PRIMARY KEY (poll_id, user_id)
);

-- +goose Down
DROP TABLE poll_ballots;
DROP TABLE poll_voters;
DROP TABLE polls;
