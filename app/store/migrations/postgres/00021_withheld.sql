-- +goose Up

-- Why a facilitator took the text of a message away; empty: its author did.
ALTER TABLE messages ADD COLUMN deleted_why text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE messages DROP COLUMN deleted_why;
