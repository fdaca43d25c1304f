-- +goose Up

-- How far people have read threads.
CREATE TABLE read_marks (
  user_id   text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  thread_id text NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
  seq       bigint NOT NULL, -- of the last message that was read
  PRIMARY KEY (user_id, thread_id)
);
CREATE INDEX read_marks_thread ON read_marks (thread_id);

-- +goose Down
DROP TABLE read_marks;
