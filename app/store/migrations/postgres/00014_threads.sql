-- +goose Up

-- A thread is an opening message, whose id it bears, with its replies. Until
-- now all messages about one thing shared one.
CREATE TABLE threads_new (
  id          text PRIMARY KEY,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  anchor_type text NOT NULL, -- proposal, object, workshop
  anchor_id   text NOT NULL,
  field       text NOT NULL, -- empty: the whole
  created_at  timestamptz NOT NULL
);
CREATE TABLE messages_new (
  id          text PRIMARY KEY,
  thread_id   text NOT NULL REFERENCES threads_new (id) ON DELETE CASCADE,
  author_id   text NOT NULL REFERENCES users (id),
  body        text NOT NULL, -- empty: deleted
  html        text NOT NULL,
  explained   text NOT NULL, -- JSON
  seq         bigint NOT NULL, -- of the event that brought it
  text_seq    bigint NOT NULL, -- of the event that brought its present text
  version     bigint NOT NULL, -- of the text, from 1
  created_at  timestamptz NOT NULL,
  edited_at   timestamptz,
  deleted_by  text NOT NULL,
  deleted_at  timestamptz
);
INSERT INTO threads_new SELECT m.id, t.workshop_id, t.anchor_type, t.anchor_id, t.field, m.created_at
  FROM messages m JOIN threads t ON t.id = m.thread_id;
INSERT INTO messages_new SELECT id, id, author_id, body, html, explained, seq, seq, 1, created_at, NULL, '', NULL FROM messages;
DROP TABLE messages;
DROP TABLE threads;
ALTER TABLE threads_new RENAME TO threads;
ALTER TABLE messages_new RENAME TO messages;
CREATE INDEX threads_anchor ON threads (workshop_id, anchor_type, anchor_id);
CREATE INDEX messages_thread ON messages (thread_id, seq);
-- The texts that messages had before they were edited.
CREATE TABLE message_versions (
  message_id text NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  number     bigint NOT NULL,
  body       text NOT NULL,
  html       text NOT NULL,
  seq        bigint NOT NULL, -- of the event that brought it
  created_at timestamptz NOT NULL,
  PRIMARY KEY (message_id, number)
);

-- +goose Down
DROP TABLE message_versions;
CREATE TABLE threads_old (
  id          text PRIMARY KEY,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  anchor_type text NOT NULL, -- proposal, object, workshop
  anchor_id   text NOT NULL,
  field       text NOT NULL, -- empty: the whole
  created_at  timestamptz NOT NULL,
  UNIQUE (workshop_id, anchor_type, anchor_id, field)
);
CREATE TABLE messages_old (
  id          text PRIMARY KEY,
  thread_id   text NOT NULL REFERENCES threads_old (id) ON DELETE CASCADE,
  author_id   text NOT NULL REFERENCES users (id),
  body        text NOT NULL,
  html        text NOT NULL,
  seq         bigint NOT NULL,
  created_at  timestamptz NOT NULL,
  explained   text NOT NULL DEFAULT '[]'
);
INSERT INTO threads_old SELECT min(id), workshop_id, anchor_type, anchor_id, field, min(created_at)
  FROM threads GROUP BY workshop_id, anchor_type, anchor_id, field;
INSERT INTO messages_old SELECT m.id, o.id, m.author_id, m.body, m.html, m.seq, m.created_at, m.explained
  FROM messages m JOIN threads t ON t.id = m.thread_id
  JOIN threads_old o ON o.workshop_id = t.workshop_id AND o.anchor_type = t.anchor_type AND o.anchor_id = t.anchor_id AND o.field = t.field;
DROP TABLE messages;
DROP TABLE threads;
ALTER TABLE threads_old RENAME TO threads;
ALTER TABLE messages_old RENAME TO messages;
CREATE INDEX messages_thread ON messages (thread_id, seq);
