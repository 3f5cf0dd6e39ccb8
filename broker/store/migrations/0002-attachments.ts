/**
 * Adds attachments, reactions, group chats, and edited and retracted messages. `media_count` is the number of attachments
 * of a message, so that reading a message without attachments does not query `media`.
 */
export const sql = `
CREATE TABLE media (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  -- null: uploaded, and its message has not come yet
  message_id TEXT,
  position INTEGER NOT NULL,
  device_id TEXT,
  -- the device's own name for it
  upload_id TEXT,
  source_url TEXT,
  content_type TEXT,
  name TEXT,
  size BIGINT,
  sha256 TEXT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX media_of_message ON media (message_id, position) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX media_uploads ON media (device_id, upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX media_unclaimed ON media (created_at) WHERE message_id IS NULL;

CREATE TABLE media_chunks (
  media_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (media_id, position)
);

CREATE TABLE reactions (
  number_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  -- the guid of the message it is about
  target TEXT NOT NULL,
  sender TEXT NOT NULL,
  kind TEXT NOT NULL,
  is_removed SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (number_id, guid)
) WITHOUT ROWID;

-- what the broker signs with, made at its first start
CREATE TABLE signing_keys (
  name TEXT PRIMARY KEY,
  secret TEXT NOT NULL
);

ALTER TABLE messages ADD COLUMN media_count SMALLINT NOT NULL DEFAULT 0;
-- the guid of the group's chat; null for messages between two
ALTER TABLE messages ADD COLUMN chat TEXT;
-- came so long after it was sent that nobody should answer it unasked
ALTER TABLE messages ADD COLUMN is_late SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN edited_at BIGINT;
ALTER TABLE messages ADD COLUMN retracted_at BIGINT;

INSERT INTO media (id, world_id, message_id, position, source_url, created_at)
  SELECT id, world_id, id, 0, media_url, created_at FROM messages WHERE media_url IS NOT NULL;
UPDATE messages SET media_count = 1 WHERE media_url IS NOT NULL;
ALTER TABLE messages DROP COLUMN media_url;
`;
