/** Adds webhooks, events, and webhook deliveries with their attempts. */
export const sql = `
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  -- the API by which it was made, whose shape it is sent in
  dialect TEXT NOT NULL,
  -- only what happens with this number; null: with any
  number_id TEXT,
  name TEXT,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  -- signs as well until then, so that receivers can change over
  previous_secret TEXT,
  previous_secret_until BIGINT,
  is_active SMALLINT NOT NULL,
  -- events in a row that used up their attempts
  failed_in_a_row INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_of_world ON webhooks (world_id, id);

CREATE TABLE events (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  message_id TEXT,
  -- the message, conversation or contact as it was then
  subject TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
  event_id TEXT NOT NULL REFERENCES events(id),
  -- what happens with one message is delivered in order
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

CREATE TABLE webhook_attempts (
  delivery_id TEXT NOT NULL REFERENCES webhook_deliveries(id) ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  at BIGINT NOT NULL,
  duration_ms INTEGER NOT NULL,
  -- null: there was no answer
  status_code INTEGER,
  -- the first 2 KB of the answer, or why there was none
  answer TEXT NOT NULL,
  PRIMARY KEY (delivery_id, attempt)
) WITHOUT ROWID;
`;
