/**
 * Adds background tasks: changes of many rows that continue in small transactions, also after a restart. A removed
 * webhook keeps its row until its deliveries are deleted.
 */
export const sql = `
CREATE TABLE background_tasks (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  before_id TEXT NOT NULL,
  position TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;

ALTER TABLE webhooks ADD COLUMN deleted_at BIGINT;
CREATE INDEX webhooks_callbacks_age ON webhooks (updated_at) WHERE is_callback = 1;
CREATE INDEX numbers_of_tenant ON numbers (world_id, id);
`;
