/** Adds the end of the last session of a device, and an index of the leased messages whose cancellation is requested. */
export const sql = `
ALTER TABLE devices ADD COLUMN disconnected_at BIGINT;
CREATE INDEX messages_cancel_requested ON messages (cancel_requested_at)
  WHERE status = 'polling' AND cancel_requested_at IS NOT NULL;
`;
