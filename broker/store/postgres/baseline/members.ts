/** Creates the tables of the members of the dashboard on PostgreSQL: the schema of migration 18. */
export const members = `
CREATE TABLE members (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT,
  removed_at BIGINT
);
CREATE UNIQUE INDEX members_by_email ON members (email) WHERE removed_at IS NULL;
CREATE INDEX members_of_account ON members (account_id, id);
CREATE INDEX members_removed ON members (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE member_sessions (
  id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX member_sessions_of_member ON member_sessions (member_id, id);
CREATE INDEX member_sessions_end ON member_sessions (expires_at);

CREATE TABLE sign_in_links (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  member_id TEXT,
  created_by TEXT,
  label TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX sign_in_links_of_account ON sign_in_links (account_id, id);
CREATE INDEX sign_in_links_end ON sign_in_links (expires_at);

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  counter BIGINT NOT NULL,
  transports TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE INDEX passkeys_of_member ON passkeys (member_id, id);

CREATE TABLE member_changes (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  environment TEXT,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX member_changes_of_account ON member_changes (account_id, id);
`;
