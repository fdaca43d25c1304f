-- +goose Up

-- People, and how they are recognised.
CREATE TABLE users (
  id            text PRIMARY KEY,
  name          text NOT NULL,
  organisation  text NOT NULL,
  host          boolean NOT NULL DEFAULT false, -- may make workshops
  administrator boolean NOT NULL DEFAULT false,
  created_at    datetime NOT NULL
);
CREATE TABLE sessions (
  token_hash text PRIMARY KEY, -- SHA-256 of the cookie, in hex
  user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at datetime NOT NULL,
  expires_at datetime NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE sign_in_links (
  token_hash text PRIMARY KEY,
  user_id    text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  once       boolean NOT NULL,
  created_at datetime NOT NULL,
  expires_at datetime NOT NULL,
  used_at    datetime
);

-- Workshops.
CREATE TABLE workshops (
  id         text PRIMARY KEY,
  name       text NOT NULL,
  summary    text NOT NULL,
  starts_on  text NOT NULL, -- YYYY-MM-DD, local to the place
  ends_on    text NOT NULL,
  place      text NOT NULL,
  tlp        text NOT NULL,
  domain     text NOT NULL,
  agenda     text NOT NULL, -- JSON
  policy     text NOT NULL, -- JSON
  join_open  boolean NOT NULL,
  join_code  text NOT NULL UNIQUE,
  revision   bigint NOT NULL,
  created_by text NOT NULL REFERENCES users (id),
  created_at datetime NOT NULL
);
CREATE TABLE members (
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  user_id     text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  roles       text NOT NULL, -- JSON array
  joined_at   datetime NOT NULL,
  PRIMARY KEY (workshop_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

-- The journal: numbered per workshop without gaps.
CREATE TABLE journal_heads (
  workshop_id text PRIMARY KEY,
  seq         bigint NOT NULL
);
CREATE TABLE journal (
  workshop_id text NOT NULL,
  seq         bigint NOT NULL,
  at          datetime NOT NULL,
  actor_id    text NOT NULL,
  kind        text NOT NULL,
  data        text NOT NULL,
  PRIMARY KEY (workshop_id, seq)
);
-- First answers to writes that carried an Idempotency-Key.
CREATE TABLE answers (
  user_id    text NOT NULL,
  key        text NOT NULL,
  request    text NOT NULL, -- SHA-256 of method, path and body, in hex
  created_at datetime NOT NULL,
  answer     text NOT NULL, -- JSON
  PRIMARY KEY (user_id, key)
);
CREATE INDEX answers_created ON answers (created_at);

-- The taxonomy: every version of every object, as it came in.
CREATE TABLE objects (
  id       integer PRIMARY KEY,
  stix_id  text NOT NULL,
  modified text NOT NULL, -- as written in the object; "created" where a type has no modified
  type     text NOT NULL,
  attack_id text NOT NULL,
  digest   blob NOT NULL, -- SHA-256 of raw
  raw      blob NOT NULL  -- the object's own bytes without white space between tokens
);
CREATE UNIQUE INDEX objects_version ON objects (stix_id, modified, digest);
CREATE INDEX objects_attack_id ON objects (attack_id);
-- A collection is one state of one domain: the built-in index, an imported
-- file, or a release. Its members in their order make its bundle.
CREATE TABLE collections (
  id               integer PRIMARY KEY,
  domain           text NOT NULL,
  title            text NOT NULL,
  version          text NOT NULL,
  upstream_version text NOT NULL, -- the ATT&CK version that it is based on
  source           text NOT NULL, -- index, import or release
  bundle_id        text NOT NULL,
  digest           blob NOT NULL,
  is_current       boolean NOT NULL,
  created_at       datetime NOT NULL
);
CREATE UNIQUE INDEX collections_digest ON collections (domain, digest);
CREATE TABLE collection_members (
  collection_id integer NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  position      integer NOT NULL,
  object_id     integer NOT NULL REFERENCES objects (id),
  PRIMARY KEY (collection_id, position)
);

-- Discussion.
CREATE TABLE threads (
  id          text PRIMARY KEY,
  workshop_id text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  anchor_type text NOT NULL, -- proposal, object, workshop
  anchor_id   text NOT NULL,
  field       text NOT NULL, -- empty: the whole
  created_at  datetime NOT NULL,
  UNIQUE (workshop_id, anchor_type, anchor_id, field)
);
CREATE TABLE messages (
  id          text PRIMARY KEY,
  thread_id   text NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
  author_id   text NOT NULL REFERENCES users (id),
  body        text NOT NULL,
  html        text NOT NULL,
  seq         bigint NOT NULL,
  created_at  datetime NOT NULL
);
CREATE INDEX messages_thread ON messages (thread_id, seq);

-- Proposals and their review.
CREATE TABLE proposals (
  id           text PRIMARY KEY,
  workshop_id  text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  number       bigint NOT NULL,
  domain       text NOT NULL,
  kind         text NOT NULL,
  state        text NOT NULL,
  title        text NOT NULL, -- what it is about, from the content
  subject      text NOT NULL, -- JSON: the object, its tactics and the techniques it touches
  object_id    text NOT NULL, -- STIX id of the object it makes or changes
  base_version bigint NOT NULL DEFAULT 0, -- objects.id that a refinement starts from; 0: none
  author_id    text NOT NULL REFERENCES users (id),
  rationale    text NOT NULL,
  draft        text NOT NULL, -- JSON of the content being written
  draft_version bigint NOT NULL,
  revision     bigint NOT NULL, -- number of the latest revision; 0: never submitted
  release_id   text NOT NULL DEFAULT '',
  bump         text NOT NULL DEFAULT 'minor',
  turn         text NOT NULL, -- JSON: whose turn it is, why, since when
  created_at   datetime NOT NULL,
  updated_at   datetime NOT NULL,
  UNIQUE (workshop_id, number)
);
CREATE INDEX proposals_object ON proposals (object_id);
CREATE TABLE revisions (
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  number      bigint NOT NULL,
  content     text NOT NULL, -- JSON
  base        text NOT NULL, -- JSON: the content of the base version, empty for new objects
  checks      text NOT NULL, -- JSON: what was found in it when it was submitted
  rationale   text NOT NULL,
  created_at  datetime NOT NULL,
  PRIMARY KEY (proposal_id, number)
);
CREATE TABLE reviews (
  id          text PRIMARY KEY,
  proposal_id text NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
  revision    bigint NOT NULL,
  reviewer_id text NOT NULL REFERENCES users (id),
  verdict     text NOT NULL,
  note        text NOT NULL,
  note_html   text NOT NULL,
  created_at  datetime NOT NULL
);
CREATE INDEX reviews_proposal ON reviews (proposal_id);

-- Releases.
CREATE TABLE releases (
  id            text PRIMARY KEY,
  workshop_id   text NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
  number        bigint NOT NULL,
  domain        text NOT NULL,
  name          text NOT NULL,
  notes         text NOT NULL,
  state         text NOT NULL, -- open or published
  base_collection bigint NOT NULL, -- collections.id it was published onto; 0 while open
  collection_id bigint NOT NULL,   -- collections.id it made; 0 while open
  version       text NOT NULL,     -- of that collection; empty while open
  resolutions   text NOT NULL,     -- JSON: how conflicts are solved, by proposal and field
  outcome       text NOT NULL,     -- JSON: items and changelog as published
  revision      bigint NOT NULL,
  created_by    text NOT NULL REFERENCES users (id),
  created_at    datetime NOT NULL,
  published_at  datetime,
  UNIQUE (workshop_id, number)
);
-- ATT&CK ids that a release gave away; none is ever given twice.
CREATE TABLE assigned_ids (
  attack_id  text PRIMARY KEY,
  stix_id    text NOT NULL,
  release_id text NOT NULL
);

-- +goose Down
DROP TABLE assigned_ids;
DROP TABLE releases;
DROP TABLE reviews;
DROP TABLE revisions;
DROP TABLE proposals;
DROP TABLE messages;
DROP TABLE threads;
DROP TABLE collection_members;
DROP TABLE collections;
DROP TABLE objects;
DROP TABLE answers;
DROP TABLE journal;
DROP TABLE journal_heads;
DROP TABLE members;
DROP TABLE workshops;
DROP TABLE sign_in_links;
DROP TABLE sessions;
DROP TABLE users;
