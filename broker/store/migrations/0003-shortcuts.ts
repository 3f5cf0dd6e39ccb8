/** Adds the completed setup steps of devices, and signed shortcuts by the hash of the unsigned file. */
export const sql = `
CREATE TABLE device_marks (
  device_id TEXT NOT NULL REFERENCES devices(id),
  name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (device_id, name)
) WITHOUT ROWID;

CREATE TABLE signed_shortcuts (
  sha256 TEXT PRIMARY KEY,
  bytes BLOB NOT NULL,
  signed_at BIGINT NOT NULL
);
`;
