-- +goose Up

-- By which ways people are told of which kinds of notices, where they chose.
CREATE TABLE notice_choices (
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind    text NOT NULL,
  channel text NOT NULL, -- page, push, mail
  chosen  boolean NOT NULL,
  PRIMARY KEY (user_id, kind, channel)
);

-- +goose Down
DROP TABLE notice_choices;
