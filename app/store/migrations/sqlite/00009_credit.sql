-- +goose Up

-- Whether people agree to be named for what they did, and how, wherever they
-- have not said otherwise.
CREATE TABLE credit_wishes (
  user_id    text PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  answer     text NOT NULL, -- named or unnamed
  named_as   text NOT NULL,
  updated_at datetime NOT NULL
) WITHOUT ROWID;
-- What they said of one proposal, and whom its authors thank beside those who
-- wrote, suggested or reviewed.
CREATE TABLE proposal_credits (
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  thanked     boolean NOT NULL,
  answer      text NOT NULL, -- named, unnamed, none (there was none when it was released); empty: as in all others
  named_as    text NOT NULL,
  created_at  datetime NOT NULL,
  PRIMARY KEY (proposal_id, user_id)
) WITHOUT ROWID;
CREATE INDEX proposal_credits_user ON proposal_credits (user_id);
-- Names that came with a text from elsewhere, of people who agreed to be named:
-- who says so.
CREATE TABLE vouched_names (
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  name        text NOT NULL,
  user_id     text NOT NULL,
  created_at  datetime NOT NULL,
  PRIMARY KEY (proposal_id, name)
) WITHOUT ROWID;
-- What reviewers would have a proposal say.
CREATE TABLE suggestions (
  id          text PRIMARY KEY,
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  revision    bigint NOT NULL, -- that was looked at
  author_id   text NOT NULL REFERENCES users (id),
  fields      text NOT NULL,   -- JSON: each changed field before and after
  note        text NOT NULL,
  note_html   text NOT NULL,
  explained   text NOT NULL,   -- JSON
  state       text NOT NULL,   -- open, taken, declined or dropped
  made        bigint NOT NULL, -- the revision that took it; 0: none
  answered_by text NOT NULL,
  created_at  datetime NOT NULL,
  updated_at  datetime NOT NULL
);
CREATE INDEX suggestions_proposal ON suggestions (proposal_id);

-- +goose Down
DROP TABLE suggestions;
DROP TABLE vouched_names;
DROP TABLE proposal_credits;
DROP TABLE credit_wishes;
