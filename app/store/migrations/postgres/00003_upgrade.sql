-- +goose Up

-- What was found in the file that made a collection.
CREATE TABLE import_reports (
  collection_id bigint PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE,
  report        text NOT NULL -- JSON
);

-- Where an open proposal stands beside the taxonomy as it is now: JSON; empty
-- before anybody looked.
ALTER TABLE proposals ADD COLUMN standing text NOT NULL DEFAULT '';

-- Who made a revision that is not its author's, and what was done.
ALTER TABLE revisions ADD COLUMN made_by text NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN note text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE revisions DROP COLUMN note;
ALTER TABLE revisions DROP COLUMN made_by;
ALTER TABLE proposals DROP COLUMN standing;
DROP TABLE import_reports;
