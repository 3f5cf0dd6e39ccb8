/**
 * Adds what several brokers on one database share: the brokers that run, the work that one of them does at a time, the
 * session of each device, and state that was in memory. With SQLite one broker runs, and `brokers` is empty.
 */
export const sql = `
CREATE TABLE brokers (
  id TEXT PRIMARY KEY,
  -- name of its machine
  host TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  -- increases with each heartbeat
  beats BIGINT NOT NULL DEFAULT 0,
  heartbeat_at BIGINT NOT NULL
) WITHOUT ROWID;

-- the broker that does a kind of work: the sandbox, the provider or the recurring jobs
CREATE TABLE leaders (
  name TEXT PRIMARY KEY,
  broker_id TEXT NOT NULL
) WITHOUT ROWID;

-- the broker that sends the deliveries of a webhook
CREATE TABLE webhook_lanes (
  webhook_id TEXT PRIMARY KEY,
  broker_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX webhook_lanes_of_broker ON webhook_lanes (broker_id);

-- counted requests of a subject in its latest window
CREATE TABLE rate_windows (
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  window_start BIGINT NOT NULL,
  used BIGINT NOT NULL,
  -- by the latest request
  granted BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (name, subject)
) WITHOUT ROWID;
CREATE INDEX rate_windows_age ON rate_windows (window_start);

-- runs of a shortcut; a stopped run gets no further message
CREATE TABLE shortcut_runs (
  device_id TEXT NOT NULL,
  run TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  stopped_at BIGINT,
  PRIMARY KEY (device_id, run)
) WITHOUT ROWID;
CREATE INDEX shortcut_runs_age ON shortcut_runs (started_at);

-- requests to devices at other brokers that are too long for a notification, as JSON
CREATE TABLE device_requests (
  id TEXT PRIMARY KEY,
  fields TEXT,
  response TEXT,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX device_requests_age ON device_requests (created_at);

-- challenges that authenticators sign
CREATE TABLE passkey_challenges (
  challenge TEXT PRIMARY KEY,
  member_id TEXT,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX passkey_challenges_age ON passkey_challenges (expires_at);

-- the latest session of the device; the broker is null while the device is not connected
ALTER TABLE devices ADD COLUMN session_id TEXT;
ALTER TABLE devices ADD COLUMN broker_id TEXT;
-- the session that was connected when the latest one began
ALTER TABLE devices ADD COLUMN replaced_session_id TEXT;
ALTER TABLE devices ADD COLUMN transport TEXT;
-- the latest health report, as JSON
ALTER TABLE devices ADD COLUMN health TEXT;
-- whether the latest event of the device was device.online
ALTER TABLE devices ADD COLUMN is_online SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX devices_of_broker ON devices (broker_id) WHERE broker_id IS NOT NULL;
CREATE INDEX devices_away ON devices (id) WHERE is_online = 1 AND broker_id IS NULL;
UPDATE devices SET is_online = 1 WHERE disconnected_at IS NULL AND last_seen_at IS NOT NULL AND revoked_at IS NULL
  AND (agent IS NULL OR agent <> 'shortcuts');
`;

export const postgres = `
-- increases with each change of rows that brokers cache
ALTER TABLE database_state ADD COLUMN reference_changes BIGINT NOT NULL DEFAULT 0;
-- time of the newest id (epoch ms), so that ids sort in the order of the commits
CREATE SEQUENCE id_clock MINVALUE 0 START WITH 0;
`;
