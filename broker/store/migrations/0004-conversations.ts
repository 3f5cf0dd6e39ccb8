/**
 * Adds conversations, read state and full-text search. The projections update these tables from `message_changes`, which
 * gets one row per commit, so that accepting a message stays fast (see core/inbox/projections.ts).
 */
export const sql = `
ALTER TABLE messages ADD COLUMN metadata TEXT;
ALTER TABLE messages ADD COLUMN template TEXT;
ALTER TABLE messages ADD COLUMN cost_cents INTEGER NOT NULL DEFAULT 0;
-- what it counts for against the spend limit until it fails
ALTER TABLE messages ADD COLUMN committed_cents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN is_unread SMALLINT NOT NULL DEFAULT 0;
-- taken out of the inbox
ALTER TABLE messages ADD COLUMN deleted_at BIGINT;
-- the status by which the projections have it; null: not at all yet
ALTER TABLE messages ADD COLUMN projected_status TEXT;
UPDATE messages SET is_unread = 1 WHERE direction = 'inbound' AND read_at IS NULL;

-- the order of a number's texts, of what is unread of them, and of those with one person or in one group
CREATE INDEX messages_by_number ON messages (number_id, id) WHERE status <> 'queued' AND deleted_at IS NULL;
CREATE INDEX messages_unread ON messages (number_id, id, remote) WHERE is_unread = 1;
CREATE INDEX messages_by_chat ON messages (number_id, chat, id) WHERE chat IS NOT NULL;
DROP INDEX messages_by_remote;
CREATE INDEX messages_by_remote ON messages (world_id, remote, id, number_id, chat, deleted_at)
  WHERE status <> 'queued';

CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  number_id TEXT NOT NULL,
  -- the correspondent, or the guid of a group's chat
  peer TEXT NOT NULL,
  is_group SMALLINT NOT NULL,
  participants TEXT NOT NULL,
  latest_id TEXT,
  unread_count INTEGER NOT NULL,
  total_count INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX conversations_of_number ON conversations (number_id, latest_id, id);
CREATE INDEX conversations_of_world ON conversations (world_id, latest_id, id);

-- how many of a list's ids begin with these characters, so that any place in it is found by a few sums
CREATE TABLE list_counts (
  -- a number, or a conversation
  list TEXT NOT NULL,
  -- how many characters
  level SMALLINT NOT NULL,
  prefix TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (list, level, prefix)
) WITHOUT ROWID;

-- messages that one commit accepted or moved on, a line "world id" each; not in the projections yet
CREATE TABLE message_changes (
  position INTEGER PRIMARY KEY,
  messages TEXT NOT NULL
);

-- a row's number follows the time of its message, so that the newest hits are found without a sort
CREATE TABLE search_entries (
  position BIGINT PRIMARY KEY,
  message_id TEXT NOT NULL
);

CREATE TABLE usage_statuses (
  world_id INTEGER NOT NULL,
  month TEXT NOT NULL,
  status TEXT NOT NULL,
  messages BIGINT NOT NULL,
  segments BIGINT NOT NULL,
  cost_cents BIGINT NOT NULL,
  PRIMARY KEY (world_id, month, status)
);
`;

/** Stores words only (see core/inbox/search-words.ts). The scope is the number of the message. */
export const sqlite = `
CREATE VIRTUAL TABLE search_words USING fts5(scope, words, content='', contentless_delete=1,
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'");
INSERT INTO message_changes (messages) SELECT world_id || ' ' || id FROM messages;
`;
