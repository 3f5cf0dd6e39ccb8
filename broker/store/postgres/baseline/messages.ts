/**
 * Creates the tables of messages on PostgreSQL: the schema of migration 18.
 *
 * `messages` and `timeline` have one partition a month (see partitions.ts). A unique index of a partitioned table
 * contains the partition key, so `messages_guid` is not unique here: transactions are serial, and each reads before it
 * inserts.
 */
export const messages = `
CREATE TABLE messages (
  world_id INTEGER NOT NULL,
  id TEXT NOT NULL,
  number_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  own_number TEXT NOT NULL,
  remote TEXT NOT NULL,
  content TEXT NOT NULL,
  requested_service TEXT NOT NULL,
  service TEXT,
  error_code TEXT,
  error_message TEXT,
  error_retryable SMALLINT NOT NULL,
  lane SMALLINT NOT NULL,
  not_before BIGINT,
  expires_at BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  device_id TEXT,
  lease_id TEXT,
  lease_until BIGINT,
  lease_journaled SMALLINT NOT NULL,
  cancel_requested_at BIGINT,
  guid TEXT,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  delivered_at BIGINT,
  read_at BIGINT,
  failed_at BIGINT,
  media_count SMALLINT NOT NULL DEFAULT 0,
  chat TEXT,
  is_late SMALLINT NOT NULL DEFAULT 0,
  edited_at BIGINT,
  retracted_at BIGINT,
  metadata TEXT,
  template TEXT,
  cost_cents INTEGER NOT NULL DEFAULT 0,
  committed_cents INTEGER NOT NULL DEFAULT 0,
  is_unread SMALLINT NOT NULL DEFAULT 0,
  deleted_at BIGINT,
  projected_status TEXT,
  hold_reason TEXT,
  send_at BIGINT,
  has_own_expiry SMALLINT NOT NULL DEFAULT 0,
  callback_id TEXT,
  PRIMARY KEY (world_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_by_status ON messages (world_id, status, id) WHERE status <> 'queued';
CREATE INDEX messages_queue ON messages (number_id, lane, id, remote) WHERE status = 'queued';
CREATE INDEX messages_out ON messages (number_id, remote, device_id) WHERE status = 'polling';
CREATE INDEX messages_held ON messages (device_id, lease_until) WHERE status = 'polling';
CREATE INDEX messages_unreported ON messages (lease_until) WHERE status = 'polling' AND lease_journaled = 0;
CREATE INDEX messages_out_expiry ON messages (expires_at) WHERE status = 'polling';
CREATE INDEX messages_guid ON messages (number_id, guid) WHERE guid IS NOT NULL;
CREATE INDEX messages_by_number ON messages (number_id, id) WHERE status <> 'queued' AND deleted_at IS NULL;
CREATE INDEX messages_unread ON messages (number_id, id, remote) WHERE is_unread = 1;
CREATE INDEX messages_by_chat ON messages (number_id, chat, id) WHERE chat IS NOT NULL;
CREATE INDEX messages_by_remote ON messages (world_id, remote, id, number_id, chat, deleted_at)
  WHERE status <> 'queued';
CREATE INDEX messages_held_back ON messages (not_before) WHERE status = 'queued' AND lane >= 500;
CREATE INDEX messages_own_expiry ON messages (expires_at) WHERE status = 'queued' AND has_own_expiry = 1;
CREATE INDEX messages_held_for ON messages (number_id, remote, id) WHERE status = 'queued' AND lane >= 500;
CREATE INDEX messages_scheduled ON messages (world_id, send_at, id) WHERE status = 'queued' AND send_at IS NOT NULL;
CREATE INDEX messages_expiry ON messages (expires_at) WHERE status = 'queued' AND has_own_expiry = 0;
CREATE INDEX messages_cancel_requested ON messages (cancel_requested_at)
  WHERE status = 'polling' AND cancel_requested_at IS NOT NULL;
CREATE INDEX messages_unread_in ON messages (number_id, COALESCE(chat, remote), id) WHERE is_unread = 1;

CREATE TABLE timeline (
  message_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (message_id, position)
) PARTITION BY RANGE (message_id);

CREATE TABLE idempotency_keys (
  world_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  message_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, key)
);
CREATE INDEX idempotency_keys_expiring ON idempotency_keys (created_at) WHERE fingerprint <> '';
CREATE INDEX idempotency_keys_lasting ON idempotency_keys (created_at) WHERE fingerprint = '';

CREATE TABLE media (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  message_id TEXT,
  position INTEGER NOT NULL,
  device_id TEXT,
  upload_id TEXT,
  source_url TEXT,
  content_type TEXT,
  name TEXT,
  size BIGINT,
  sha256 TEXT,
  created_at BIGINT NOT NULL,
  width INTEGER,
  height INTEGER,
  bytes_of TEXT
);
CREATE UNIQUE INDEX media_of_message ON media (message_id, position) WHERE message_id IS NOT NULL;
CREATE UNIQUE INDEX media_uploads ON media (device_id, upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX media_unclaimed ON media (created_at) WHERE message_id IS NULL;
CREATE INDEX media_sharing ON media (bytes_of) WHERE bytes_of IS NOT NULL;
CREATE INDEX media_stored_bytes ON media (world_id, device_id, size) WHERE device_id IS NOT NULL;

CREATE TABLE media_chunks (
  media_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (media_id, position)
);

CREATE TABLE reactions (
  number_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  target TEXT NOT NULL,
  sender TEXT NOT NULL,
  kind TEXT NOT NULL,
  is_removed SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (number_id, guid)
);
CREATE INDEX reactions_age ON reactions (at);

CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  number_id TEXT NOT NULL,
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
CREATE INDEX conversations_unread ON conversations (world_id, latest_id, unread_count)
  WHERE unread_count > 0 AND latest_id IS NOT NULL;
CREATE INDEX conversations_unread_of_number ON conversations (number_id, latest_id)
  WHERE unread_count > 0 AND latest_id IS NOT NULL;
CREATE INDEX conversations_groups ON conversations (world_id, latest_id) WHERE is_group = 1 AND latest_id IS NOT NULL;
CREATE INDEX conversations_groups_of_number ON conversations (number_id, latest_id)
  WHERE is_group = 1 AND latest_id IS NOT NULL;

CREATE TABLE list_counts (
  list TEXT NOT NULL,
  level SMALLINT NOT NULL,
  prefix TEXT NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (list, level, prefix)
);

CREATE TABLE message_changes (
  position BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  messages TEXT NOT NULL
);

CREATE TABLE pace_log (
  number_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  is_new_contact SMALLINT NOT NULL,
  is_reserved SMALLINT NOT NULL,
  PRIMARY KEY (number_id, at, message_id)
);
CREATE INDEX pace_log_new_contacts ON pace_log (number_id, at) WHERE is_new_contact = 1;

CREATE TABLE background_tasks (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  before_id TEXT NOT NULL,
  position TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
);

CREATE TABLE message_aliases (
  number_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  PRIMARY KEY (number_id, guid)
);
CREATE INDEX message_aliases_of_message ON message_aliases (message_id, device_id);
`;
