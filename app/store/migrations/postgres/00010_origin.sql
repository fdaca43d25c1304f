-- +goose Up

-- The message that a proposal began with: JSON; empty: none.
ALTER TABLE proposals ADD COLUMN origin text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE proposals DROP COLUMN origin;
