/**
 * Adds pace limits of numbers, and scheduled sending, expiry and callbacks of single messages.
 *
 * The lane of a message is its priority, plus 1,000 while the message is deferred. Deferred messages are therefore in a
 * separate range of the index of the queue, and reading the next queued message never passes over them.
 */
export const sql = `
ALTER TABLE numbers ADD COLUMN pace TEXT;
ALTER TABLE numbers ADD COLUMN sends_since BIGINT;
-- a number that was there before has its first week behind it
UPDATE numbers SET sends_since = created_at;

ALTER TABLE messages RENAME COLUMN priority TO lane;
ALTER TABLE messages ADD COLUMN hold_reason TEXT;
ALTER TABLE messages ADD COLUMN send_at BIGINT;
ALTER TABLE messages ADD COLUMN has_own_expiry SMALLINT NOT NULL DEFAULT 0;
-- the webhook that is told of this message alone
ALTER TABLE messages ADD COLUMN callback_id TEXT;
UPDATE messages SET lane = lane + 1000, hold_reason = 'scheduled', send_at = not_before
  WHERE status = 'queued' AND not_before IS NOT NULL;
DROP INDEX messages_held_back;
-- sweeps
CREATE INDEX messages_held_back ON messages (not_before) WHERE status = 'queued' AND lane >= 500;
CREATE INDEX messages_own_expiry ON messages (expires_at) WHERE status = 'queued' AND has_own_expiry = 1;
-- hand-off: who has an earlier message held back
CREATE INDEX messages_held_for ON messages (number_id, remote, id) WHERE status = 'queued' AND lane >= 500;
-- the list of scheduled messages
CREATE INDEX messages_scheduled ON messages (world_id, send_at, id) WHERE status = 'queued' AND send_at IS NOT NULL;

-- what was handed out in the last day, and which slots are reserved
CREATE TABLE pace_log (
  number_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  is_new_contact SMALLINT NOT NULL,
  is_reserved SMALLINT NOT NULL,
  PRIMARY KEY (number_id, at, message_id)
) WITHOUT ROWID;
CREATE INDEX pace_log_new_contacts ON pace_log (number_id, at) WHERE is_new_contact = 1;

-- one address that single messages are reported to is one webhook, which no list shows
ALTER TABLE webhooks ADD COLUMN is_callback SMALLINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX webhooks_callbacks ON webhooks (world_id, url) WHERE is_callback = 1;

-- worlds whose events are kept for a stream, until then
CREATE TABLE event_streams (
  world_id INTEGER PRIMARY KEY,
  wanted_until BIGINT NOT NULL
);
CREATE INDEX events_of_world ON events (world_id, id);
`;
