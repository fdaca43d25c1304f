-- +goose Up

-- What objects and items of the agenda that threads are about are called.
ALTER TABLE threads ADD COLUMN label text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE threads DROP COLUMN label;
