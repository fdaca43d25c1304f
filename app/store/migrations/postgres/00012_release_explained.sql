-- +goose Up

-- Why what must not be shared may stand in a release's name and notes: JSON by
-- the keys of the findings.
ALTER TABLE releases ADD COLUMN explained text NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE releases DROP COLUMN explained;
