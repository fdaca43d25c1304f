-- +goose Up

-- What a revision does to each object, where it changes several: JSON; empty
-- where it is about one.
ALTER TABLE revisions ADD COLUMN parts text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE revisions DROP COLUMN parts;
