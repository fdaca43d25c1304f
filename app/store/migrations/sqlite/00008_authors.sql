-- +goose Up

-- Who writes in a proposal with its author.
CREATE TABLE proposal_authors (
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  user_id     text NOT NULL,
  wrote       boolean NOT NULL DEFAULT false,
  created_at  datetime NOT NULL,
  PRIMARY KEY (proposal_id, user_id)
) WITHOUT ROWID;
CREATE INDEX proposal_authors_user ON proposal_authors (user_id);

-- +goose Down
DROP TABLE proposal_authors;
