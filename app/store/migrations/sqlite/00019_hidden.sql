-- +goose Up

-- Whether the others are told when a member is here, and where.
ALTER TABLE members ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE members DROP COLUMN hidden;
