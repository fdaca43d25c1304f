-- +goose Up

-- Which collections a version of an object is in.
CREATE INDEX collection_members_object ON collection_members (object_id);

-- +goose Down
DROP INDEX collection_members_object;
