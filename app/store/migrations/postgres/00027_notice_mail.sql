-- +goose Up

-- Where people get mail, and how often. Nobody else sees it.
CREATE TABLE notice_mail (
  user_id   text PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  address   text NOT NULL,
  confirmed boolean NOT NULL, -- by a link in a mail to it
  digest    text NOT NULL, -- off, hourly, daily
  hour      bigint NOT NULL, -- of the day, where it is daily
  zone      text NOT NULL, -- such as Europe/Lisbon
  last_at   bigint NOT NULL -- when one was made, in milliseconds
);
-- Mails that are to be sent, or were. What they say is made when they are sent.
CREATE TABLE mails (
  id         text PRIMARY KEY, -- of its Message-ID
  user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose    text NOT NULL, -- digest, confirm
  address    text NOT NULL,
  created_at timestamptz NOT NULL,
  sent_at    timestamptz,
  tries      bigint NOT NULL,
  next_try   bigint NOT NULL -- in milliseconds; until then it is somebody's who sends it
);
CREATE INDEX mails_due ON mails (next_try) WHERE sent_at IS NULL;
CREATE INDEX mails_user ON mails (user_id);
-- What the links in mails do; only hashes of their tokens are kept.
CREATE TABLE mail_tokens (
  token_hash text PRIMARY KEY,
  user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose    text NOT NULL, -- confirm, stop
  address    text NOT NULL,
  expires_at timestamptz NOT NULL
);
-- The mail that a notice is in; empty: none.
ALTER TABLE notices ADD COLUMN mail_id text NOT NULL DEFAULT '';
CREATE INDEX notices_mail ON notices (mail_id);

-- +goose Down
DROP INDEX notices_mail;
ALTER TABLE notices DROP COLUMN mail_id;
DROP TABLE mail_tokens;
DROP TABLE mails;
DROP TABLE notice_mail;
