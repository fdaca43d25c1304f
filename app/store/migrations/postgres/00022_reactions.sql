-- +goose Up

-- The signs that people gave messages, one of each kind from each person.
CREATE TABLE reactions (
  message_id text NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  kind       text NOT NULL,
  user_id    text NOT NULL REFERENCES users (id),
  seq        bigint NOT NULL, -- of the event that brought it
  PRIMARY KEY (message_id, kind, user_id)
);

-- +goose Down
DROP TABLE reactions;
