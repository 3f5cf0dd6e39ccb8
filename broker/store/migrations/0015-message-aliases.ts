/** Adds the guids by which other devices of a number name a message, so that it is stored once. */
export const sql = `
CREATE TABLE message_aliases (
  number_id TEXT NOT NULL,
  guid TEXT NOT NULL,
  world_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  PRIMARY KEY (number_id, guid)
) WITHOUT ROWID;
CREATE INDEX message_aliases_of_message ON message_aliases (message_id, device_id);
`;
