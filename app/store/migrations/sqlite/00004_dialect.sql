-- +goose Up

-- The STIX version that the bundle of a collection says at its top; empty: none.
ALTER TABLE collections ADD COLUMN spec_version text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE collections DROP COLUMN spec_version;
