/** Adds numbers bought from providers, and spend limits. */
export const sql = `
ALTER TABLE numbers ADD COLUMN provider TEXT;
-- the provider's own id of the number
ALTER TABLE numbers ADD COLUMN provider_ref TEXT;
ALTER TABLE numbers ADD COLUMN compliance_status TEXT;
-- sends WhatsApp messages through the provider
ALTER TABLE numbers ADD COLUMN has_whatsapp SMALLINT NOT NULL DEFAULT 0;

-- written before the provider is asked to sell, so that a number which it sold is never lost
CREATE TABLE number_purchases (
  id TEXT PRIMARY KEY,
  world_id INTEGER NOT NULL,
  provider TEXT NOT NULL,
  phone_number TEXT NOT NULL,
  label TEXT NOT NULL,
  inbound_webhook_url TEXT,
  -- started, bought (the webhook is still to be set), done, failed
  state TEXT NOT NULL,
  number_id TEXT,
  provider_ref TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX number_purchases_open ON number_purchases (created_at) WHERE state IN ('started', 'bought');

CREATE TABLE spend_limits (
  world_id INTEGER PRIMARY KEY,
  cents BIGINT NOT NULL
);

CREATE TABLE usage_spend (
  world_id INTEGER NOT NULL,
  month TEXT NOT NULL,
  cents BIGINT NOT NULL,
  PRIMARY KEY (world_id, month)
);
`;
