/**
 * Adds a retention period for idempotency keys. An empty fingerprint marks a key that lasts as long as its message; the
 * Textree API, whose keys have the prefix `textree` and a line break, uses such keys.
 */
export const sql = `
UPDATE idempotency_keys SET fingerprint = '' WHERE key LIKE 'textree
%';
DROP INDEX idempotency_keys_age;
CREATE INDEX idempotency_keys_expiring ON idempotency_keys (created_at) WHERE fingerprint <> '';
CREATE INDEX idempotency_keys_lasting ON idempotency_keys (created_at) WHERE fingerprint = '';
`;
