-- +goose Up

-- Why what must not be shared may stand all the same: JSON. In a revision by
-- the keys of the findings, elsewhere with what it is about.
ALTER TABLE revisions ADD COLUMN explained text NOT NULL DEFAULT '{}';
ALTER TABLE reviews ADD COLUMN explained text NOT NULL DEFAULT '[]';
ALTER TABLE messages ADD COLUMN explained text NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE messages DROP COLUMN explained;
ALTER TABLE reviews DROP COLUMN explained;
ALTER TABLE revisions DROP COLUMN explained;
