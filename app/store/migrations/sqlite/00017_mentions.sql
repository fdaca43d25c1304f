-- +goose Up

-- Who is mentioned in a message: JSON, a list of ids of users.
ALTER TABLE messages ADD COLUMN mentions text NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE messages DROP COLUMN mentions;
