/**
 * Creates the base tables.
 *
 * - Every sent message updates the indexes of `messages`, so each index names the query that needs it.
 * - Partial indexes contain only messages that are not finished, and stay small as the history grows.
 * - A table that is read in the order of its primary key is WITHOUT ROWID: SQLite then writes one tree instead of two.
 */
export const sql = `
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  plan TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE worlds (
  id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  environment TEXT NOT NULL,
  UNIQUE (account_id, environment)
);

CREATE TABLE credentials (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL REFERENCES worlds(id),
  label TEXT NOT NULL,
  permissions TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);

CREATE TABLE numbers (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL REFERENCES worlds(id),
  is_live SMALLINT NOT NULL,
  phone_number TEXT NOT NULL,
  label TEXT,
  status TEXT NOT NULL,
  is_verified SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX numbers_of_world ON numbers (world_id, phone_number) WHERE deleted_at IS NULL;
CREATE INDEX numbers_ever ON numbers (world_id, phone_number);
CREATE UNIQUE INDEX numbers_live ON numbers (phone_number) WHERE is_live = 1 AND deleted_at IS NULL;

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL REFERENCES worlds(id),
  name TEXT NOT NULL,
  token_hash TEXT UNIQUE,
  platform TEXT,
  agent TEXT,
  last_seen_at BIGINT,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);

CREATE TABLE device_numbers (
  device_id TEXT NOT NULL REFERENCES devices(id),
  number_id TEXT NOT NULL REFERENCES numbers(id),
  PRIMARY KEY (device_id, number_id)
);
CREATE INDEX device_numbers_of_number ON device_numbers (number_id);

CREATE TABLE pairings (
  code_hash TEXT PRIMARY KEY,
  device_id TEXT NOT NULL REFERENCES devices(id),
  number_id TEXT NOT NULL REFERENCES numbers(id),
  expires_at BIGINT NOT NULL,
  redeemed_at BIGINT
);

CREATE TABLE messages (
  world_id INTEGER NOT NULL,
  id TEXT NOT NULL,
  number_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  own_number TEXT NOT NULL,
  remote TEXT NOT NULL,
  content TEXT NOT NULL,
  media_url TEXT,
  requested_service TEXT NOT NULL,
  service TEXT,
  error_code TEXT,
  error_message TEXT,
  error_retryable SMALLINT NOT NULL,
  priority SMALLINT NOT NULL,
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
  -- lists, newest first, read the table itself
  PRIMARY KEY (world_id, id)
) WITHOUT ROWID;
-- lists of one status and of one correspondent; queued messages are found by messages_queue, so that accepting
-- one writes the table and that index only
CREATE INDEX messages_by_status ON messages (world_id, status, id) WHERE status <> 'queued';
CREATE INDEX messages_by_remote ON messages (world_id, remote, id) WHERE status <> 'queued';
-- hand-off: what waits for a number, in order
CREATE INDEX messages_queue ON messages (number_id, priority, id, remote) WHERE status = 'queued';
-- hand-off: who has an earlier message out
CREATE INDEX messages_out ON messages (number_id, remote, device_id) WHERE status = 'polling';
-- what a device holds
CREATE INDEX messages_held ON messages (device_id, lease_until) WHERE status = 'polling';
-- sweeps
CREATE INDEX messages_unreported ON messages (lease_until) WHERE status = 'polling' AND lease_journaled = 0;
CREATE INDEX messages_out_expiry ON messages (expires_at) WHERE status = 'polling';
CREATE INDEX messages_held_back ON messages (not_before) WHERE status = 'queued' AND not_before IS NOT NULL;
-- inbound texts and reports name the same message by it
CREATE UNIQUE INDEX messages_guid ON messages (number_id, guid) WHERE guid IS NOT NULL;

CREATE TABLE timeline (
  message_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (message_id, position)
) WITHOUT ROWID;

CREATE TABLE idempotency_keys (
  world_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  message_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE usage_months (
  world_id INTEGER NOT NULL,
  month TEXT NOT NULL,
  messages BIGINT NOT NULL,
  PRIMARY KEY (world_id, month)
);

CREATE TABLE usage_days (
  number_id TEXT NOT NULL,
  day TEXT NOT NULL,
  messages BIGINT NOT NULL,
  PRIMARY KEY (number_id, day)
);
`;
