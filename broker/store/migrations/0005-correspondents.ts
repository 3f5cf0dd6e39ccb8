/** Adds contacts, suppressions, users, saved replies and WhatsApp templates. */
export const sql = `
CREATE TABLE contacts (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  handle TEXT NOT NULL,
  name TEXT,
  email TEXT,
  custom_fields TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX contacts_of_world ON contacts (world_id, handle);

CREATE TABLE suppressions (
  world_id INTEGER NOT NULL,
  handle TEXT NOT NULL,
  -- the word that was written, or who put it there
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, handle)
) WITHOUT ROWID;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  email TEXT,
  custom_fields TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX users_of_world ON users (world_id, id);

CREATE TABLE saved_replies (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  user_id TEXT NOT NULL REFERENCES users(id),
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX saved_replies_of_user ON saved_replies (user_id, id);

CREATE TABLE whatsapp_templates (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  language TEXT NOT NULL,
  status TEXT NOT NULL,
  quality TEXT,
  content_sid TEXT NOT NULL,
  content_type TEXT NOT NULL,
  body TEXT NOT NULL,
  quick_replies TEXT NOT NULL,
  category TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX whatsapp_templates_of_world ON whatsapp_templates (world_id, content_sid);

ALTER TABLE media ADD COLUMN width INTEGER;
ALTER TABLE media ADD COLUMN height INTEGER;
-- the attachment that has the bytes, where one file goes to several people
ALTER TABLE media ADD COLUMN bytes_of TEXT;
CREATE INDEX media_sharing ON media (bytes_of) WHERE bytes_of IS NOT NULL;
`;
