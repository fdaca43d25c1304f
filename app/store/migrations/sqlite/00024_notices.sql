-- +goose Up

-- What waits for people, and what is news to them. Nothing of what was said is
-- here, only where it is.
CREATE TABLE notices (
  id          integer PRIMARY KEY AUTOINCREMENT, -- no id is ever given twice
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  kind        text NOT NULL,
  thing       text NOT NULL, -- that it is about; nobody has two about one
  reason      text NOT NULL,
  actor_id    text NOT NULL,
  seq         bigint NOT NULL, -- of the event that it follows from; 0: of none
  message_id  text NOT NULL, -- empty: it is about none
  thread_id   text NOT NULL, -- read up to seq, it is read
  proposal_id text NOT NULL,
  created_at  datetime NOT NULL,
  read_at     datetime,
  touched     bigint NOT NULL, -- when it changed last, in milliseconds
  UNIQUE (user_id, workshop_id, thing)
);
CREATE INDEX notices_proposal ON notices (proposal_id);
CREATE INDEX notices_message ON notices (message_id);
CREATE INDEX notices_touched ON notices (touched);
-- How far the journals have been read for notices. What was before there were
-- any is news to nobody.
CREATE TABLE notice_cursors (
  workshop_id text PRIMARY KEY,
  seq         bigint NOT NULL
);
INSERT INTO notice_cursors SELECT workshop_id, seq FROM journal_heads;

-- +goose Down
DROP TABLE notice_cursors;
DROP TABLE notices;
