-- +goose Up

-- The words of a text that a thread is about, and where they are: JSON; empty:
-- it is about the whole.
ALTER TABLE threads ADD COLUMN words text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE threads DROP COLUMN words;
