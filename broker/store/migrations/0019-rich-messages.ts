/**
 * Adds what iMessage has beyond a text: reactions by part, replies, effects, edits with their history, receipts of each
 * participant, group chats with their members, actions in the queue, rules about senders, and capabilities of devices.
 *
 * - An action (a reaction, an edit, a change of a group) is a row of `messages` with `action`, so that it is queued,
 *   leased and reported like a message. It is not in the inbox: `deleted_at` is set.
 * - `needs` has one bit for each capability that the device must have; see core/model/capability.ts.
 * - An item of a device about a message that is not stored yet waits in `pending_items`.
 */
export const sql = `
-- JSON: effect, subject, voice note, reply and action
ALTER TABLE messages ADD COLUMN rich TEXT;
-- kind of the action; null: a message
ALTER TABLE messages ADD COLUMN action TEXT;
ALTER TABLE messages ADD COLUMN needs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reaction_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN is_blocked SMALLINT NOT NULL DEFAULT 0;
-- dispatch: an earlier message to the recipient that the device cannot send
CREATE INDEX messages_needing ON messages (number_id, remote, id, lane, needs) WHERE status = 'queued' AND needs <> 0;
-- lists of messages from blocked senders
CREATE INDEX messages_blocked ON messages (world_id, id) WHERE is_blocked = 1;

-- the queue orders by recipient: the recipient of a group message is the group
UPDATE messages SET remote = chat WHERE chat IS NOT NULL AND direction = 'outbound';

ALTER TABLE reactions ADD COLUMN part INTEGER NOT NULL DEFAULT 0;
-- id of the reaction; null: derived from the guid
ALTER TABLE reactions ADD COLUMN id TEXT;
ALTER TABLE reactions ADD COLUMN message_id TEXT;
UPDATE reactions SET message_id = (
  SELECT m.id FROM messages m WHERE m.number_id = reactions.number_id AND m.guid = reactions.target AND m.guid IS NOT NULL);
UPDATE reactions SET message_id = (
  SELECT a.message_id FROM message_aliases a WHERE a.number_id = reactions.number_id AND a.guid = reactions.target)
  WHERE message_id IS NULL;
CREATE INDEX reactions_of_message ON reactions (message_id, at) WHERE message_id IS NOT NULL;
UPDATE messages SET reaction_count = (SELECT COUNT(*) FROM reactions r WHERE r.message_id = messages.id)
  WHERE id IN (SELECT message_id FROM reactions WHERE message_id IS NOT NULL);

-- versions of an edited message: kind is original, edited or unsent
CREATE TABLE message_edits (
  message_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (message_id, at, kind)
) WITHOUT ROWID;

-- delivery and reading by each participant of a group
CREATE TABLE message_receipts (
  message_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  delivered_at BIGINT,
  read_at BIGINT,
  PRIMARY KEY (message_id, handle)
) WITHOUT ROWID;
CREATE INDEX message_receipts_of_handle ON message_receipts (world_id, handle, message_id);

-- items of a device about a message that it has not reported yet, as JSON
CREATE TABLE pending_items (
  number_id TEXT NOT NULL,
  -- guid of the message
  target TEXT NOT NULL,
  guid TEXT NOT NULL,
  item TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (number_id, target, guid)
) WITHOUT ROWID;
CREATE INDEX pending_items_age ON pending_items (at);

CREATE TABLE group_chats (
  number_id TEXT NOT NULL,
  -- the value of messages.chat: the first known guid, or a key of the broker for a group that it created
  chat TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  conversation_id TEXT NOT NULL,
  -- guid at the devices; null until the first message of a new group was sent
  guid TEXT,
  -- the guid after its prefix, which depends on the version of macOS
  identifier TEXT,
  name TEXT,
  named_at BIGINT NOT NULL,
  -- JSON: the handles that are members now
  participants TEXT NOT NULL,
  -- JSON: every handle that was a member, with the time of its last change
  members TEXT NOT NULL,
  -- the same for the same participants
  members_id TEXT NOT NULL,
  -- time of the newest complete list of members
  listed_at BIGINT NOT NULL,
  -- time at which the own number left; null: it did not
  left_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (number_id, chat)
) WITHOUT ROWID;
CREATE UNIQUE INDEX group_chats_of_conversation ON group_chats (conversation_id);
CREATE INDEX group_chats_by_identifier ON group_chats (number_id, identifier) WHERE identifier IS NOT NULL;
CREATE INDEX group_chats_by_members ON group_chats (number_id, members_id, updated_at);
CREATE INDEX group_chats_of_world ON group_chats (world_id, conversation_id);
-- groups that no device has created yet
CREATE INDEX group_chats_new ON group_chats (updated_at) WHERE guid IS NULL;

-- kind: created, named, joined or left
CREATE TABLE group_changes (
  conversation_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  -- handle that made the change; null: unknown
  actor TEXT,
  -- handle that joined or left, or the name
  value TEXT,
  PRIMARY KEY (conversation_id, guid)
) WITHOUT ROWID;
CREATE INDEX group_changes_in_order ON group_changes (conversation_id, at);
CREATE INDEX group_changes_age ON group_changes (at);
CREATE INDEX group_changes_of_world ON group_changes (world_id, conversation_id, guid);

CREATE TABLE sender_rules (
  world_id INTEGER NOT NULL,
  handle TEXT NOT NULL,
  id TEXT NOT NULL,
  -- allow or block
  action TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, handle)
) WITHOUT ROWID;
CREATE UNIQUE INDEX sender_rules_by_id ON sender_rules (id);

-- JSON: the latest reported capabilities; null: the device never reported any
ALTER TABLE devices ADD COLUMN capabilities TEXT;

-- cached results of look-ups
CREATE TABLE lookups (
  world_id INTEGER NOT NULL,
  handle TEXT NOT NULL,
  service TEXT NOT NULL,
  source TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, handle)
) WITHOUT ROWID;
CREATE INDEX lookups_age ON lookups (checked_at);
`;

const takeOverGroups = (identifier: string, name: string) => `
INSERT INTO group_chats (number_id, chat, world_id, conversation_id, guid, identifier, name, named_at, participants,
  members, members_id, listed_at, created_at, updated_at)
SELECT c.number_id, c.peer, c.world_id, c.id, c.peer, ${identifier},
  (SELECT ${name} FROM timeline t WHERE t.message_id = c.latest_id AND t.position = 1 AND t.detail IS NOT NULL), 0,
  c.participants, '[]', '', 0, c.created_at, c.updated_at
FROM conversations c WHERE c.is_group = 1;
`;

export const sqlite = takeOverGroups(
  "substr(c.peer, instr(c.peer, ';+;') + 3)",
  "json_extract(t.detail, '$.chat_name')",
);

export const postgres = takeOverGroups(
  "SUBSTRING(c.peer FROM STRPOS(c.peer, ';+;') + 3)",
  "CAST(t.detail AS JSON) ->> 'chat_name'",
);
