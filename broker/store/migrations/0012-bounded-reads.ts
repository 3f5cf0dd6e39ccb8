/**
 * Adds indexes for the expiry check and for the deletion of old rows. The index by expiry grows at its end, because these
 * messages have the same time to live.
 */
export const sql = `
CREATE INDEX messages_expiry ON messages (expires_at) WHERE status = 'queued' AND has_own_expiry = 0;
CREATE INDEX reactions_age ON reactions (at);
CREATE INDEX usage_days_age ON usage_days (day);
CREATE INDEX pairings_age ON pairings (expires_at);
CREATE INDEX pairings_of_device ON pairings (device_id);
CREATE INDEX devices_unconnected ON devices (created_at) WHERE last_seen_at IS NULL AND platform IS NULL;
`;
