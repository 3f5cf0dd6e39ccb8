/** Adds the audit log of MCP tool calls. */
export const sql = `
CREATE TABLE tool_calls (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  -- null: the owner of the broker, at its command line
  credential_id TEXT,
  tool TEXT NOT NULL,
  -- mcp, rest or stdio
  through TEXT NOT NULL,
  -- JSON, of which the first 2 KB are kept
  params TEXT NOT NULL,
  -- ok, failed, refused or timed_out
  outcome TEXT NOT NULL,
  error_code TEXT,
  duration_ms INTEGER NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX tool_calls_of_world ON tool_calls (world_id, id);
`;
