-- +goose Up

-- Keys of this installation.
CREATE TABLE server_keys (
  name    text PRIMARY KEY,
  public  text NOT NULL,
  private text NOT NULL
);
-- Browsers that want to be told while no page is open.
CREATE TABLE push_subscriptions (
  id         text PRIMARY KEY, -- hash of the endpoint
  user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  endpoint   text NOT NULL,
  p256dh     text NOT NULL,
  auth       text NOT NULL,
  created_at datetime NOT NULL,
  failures   bigint NOT NULL, -- in a row
  next_try   bigint NOT NULL -- in milliseconds
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);
-- What was handed to a push service, or is being handed.
CREATE TABLE push_sent (
  notice_id       bigint NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  subscription_id text NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
  PRIMARY KEY (notice_id, subscription_id)
);
CREATE INDEX push_sent_subscription ON push_sent (subscription_id);

-- +goose Down
DROP TABLE push_sent;
DROP TABLE push_subscriptions;
DROP TABLE server_keys;
