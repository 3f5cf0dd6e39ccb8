/**
 * Adds what the dashboard reads: the last use of API keys, hourly counts of messages, the order of contacts, and the names
 * of custom fields. The last use has its own table, because a change of `credentials` clears the reference cache.
 */
export const sql = `
CREATE INDEX devices_of_world ON devices (world_id, id);

CREATE TABLE credential_uses (
  credential_id TEXT PRIMARY KEY,
  last_used_at BIGINT NOT NULL
);

CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (webhook_id, id) WHERE status = 'failed';

-- kind: sent, delivered, failed, received or latency; detail: the error code, or the latency bucket
CREATE TABLE hourly_counts (
  world_id INTEGER NOT NULL,
  -- hours since 1970
  hour INTEGER NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  messages BIGINT NOT NULL,
  PRIMARY KEY (world_id, hour, kind, detail)
) WITHOUT ROWID;
CREATE INDEX hourly_counts_age ON hourly_counts (hour);

CREATE INDEX contacts_sorted ON contacts (world_id, LOWER(COALESCE(name, handle)), id);

CREATE TABLE contact_fields (
  world_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (world_id, name)
) WITHOUT ROWID;
`;

export const sqlite = `
INSERT INTO contact_fields (world_id, name, created_at)
SELECT c.world_id, f.key, MIN(c.created_at) FROM contacts c, json_each(c.custom_fields) f GROUP BY c.world_id, f.key;
`;
