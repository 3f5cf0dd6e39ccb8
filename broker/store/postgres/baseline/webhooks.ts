/**
 * Creates the tables of webhooks, events and calls of assistants on PostgreSQL: the schema of migration 18.
 *
 * An ordered index accepts values of up to 2.7 KB, and a URL may be longer. So `webhooks_callbacks` is a hash index, which
 * is not unique: transactions are serial, and each reads before it inserts.
 */
export const webhooks = `
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  dialect TEXT NOT NULL,
  number_id TEXT,
  name TEXT,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_secret_until BIGINT,
  is_active SMALLINT NOT NULL,
  failed_in_a_row INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  is_callback SMALLINT NOT NULL DEFAULT 0,
  deleted_at BIGINT
);
CREATE INDEX webhooks_of_world ON webhooks (world_id, id);
CREATE INDEX webhooks_callbacks ON webhooks USING hash (url) WHERE is_callback = 1;
CREATE INDEX webhooks_callbacks_age ON webhooks (updated_at) WHERE is_callback = 1;

CREATE TABLE events (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  message_id TEXT,
  subject TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX events_of_world ON events (world_id, id);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event_id TEXT NOT NULL REFERENCES events (id),
  message_id TEXT,
  is_replay SMALLINT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (webhook_id, message_id, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_of_message ON webhook_deliveries (message_id, id) WHERE message_id IS NOT NULL;
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (webhook_id, id) WHERE status = 'failed';

CREATE TABLE webhook_attempts (
  delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  at BIGINT NOT NULL,
  duration_ms INTEGER NOT NULL,
  status_code INTEGER,
  answer TEXT NOT NULL,
  PRIMARY KEY (delivery_id, attempt)
);

CREATE TABLE event_streams (
  world_id INTEGER PRIMARY KEY,
  wanted_until BIGINT NOT NULL
);

CREATE TABLE tool_calls (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  credential_id TEXT,
  tool TEXT NOT NULL,
  through TEXT NOT NULL,
  params TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error_code TEXT,
  duration_ms INTEGER NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX tool_calls_of_world ON tool_calls (world_id, id);
`;
