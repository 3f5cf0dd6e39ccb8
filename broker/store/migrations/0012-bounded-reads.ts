/**
 * Adds an index for the expiry check. The index grows at its end, because these messages have the same time to live.
 */
export const sql = `
CREATE INDEX messages_expiry ON messages (expires_at) WHERE status = 'queued' AND has_own_expiry = 0;
`;
