/** Adds an index for the list of contacts, oldest first. Without it, each page sorts all contacts of the tenant. */
export const sql = `
CREATE INDEX contacts_by_id ON contacts (world_id, id);
`;
