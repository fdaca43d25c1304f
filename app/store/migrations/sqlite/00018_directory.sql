-- +goose Up

-- What members say about themselves to a workshop, and how they can be reached.
CREATE TABLE member_cards (
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  shown       boolean NOT NULL,
  offers      text NOT NULL,
  seeks       text NOT NULL,
  interests   text NOT NULL, -- JSON
  contact     text NOT NULL, -- JSON; for those alone with whom they exchanged it
  updated_at  datetime NOT NULL,
  PRIMARY KEY (workshop_id, user_id)
);
-- Who wants to exchange contacts with whom: they have where both do.
CREATE TABLE contact_wishes (
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  other_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at  datetime NOT NULL,
  PRIMARY KEY (workshop_id, user_id, other_id)
);
CREATE INDEX contact_wishes_other ON contact_wishes (workshop_id, other_id);

-- +goose Down
DROP TABLE contact_wishes;
DROP TABLE member_cards;
