-- +goose Up

-- By whom and when a thread was resolved, and marked as one that holds up what
-- it is about; empty: it is not.
ALTER TABLE threads ADD COLUMN resolved_by text NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN resolved_at timestamptz;
ALTER TABLE threads ADD COLUMN blocking_by text NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN blocking_at timestamptz;

-- +goose Down
ALTER TABLE threads DROP COLUMN blocking_at;
ALTER TABLE threads DROP COLUMN blocking_by;
ALTER TABLE threads DROP COLUMN resolved_at;
ALTER TABLE threads DROP COLUMN resolved_by;
