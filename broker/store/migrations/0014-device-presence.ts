/** Adds the end of the last session of a device. */
export const sql = `
ALTER TABLE devices ADD COLUMN disconnected_at BIGINT;
`;
