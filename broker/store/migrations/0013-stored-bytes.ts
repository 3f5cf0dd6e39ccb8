/** Adds an index for the quotas of uploads: the sum of the sizes is read without the rows. */
export const sql = `
CREATE INDEX media_stored_bytes ON media (world_id, device_id, size) WHERE device_id IS NOT NULL;
`;
