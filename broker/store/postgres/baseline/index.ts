/**
 * Creates an empty database on PostgreSQL: the schema of migration 18, and the tables that only PostgreSQL has.
 * A released baseline is never edited: later changes are migrations.
 */
import { accounts } from './accounts.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { webhooks } from './webhooks.ts';

export const BASELINE_VERSION = 18;

const state = `
CREATE TABLE database_state (
  id SMALLINT PRIMARY KEY CHECK (id = 1),
  schema_version INTEGER NOT NULL,
  -- increases when a broker becomes active
  epoch BIGINT NOT NULL,
  -- increases with each transaction of a process that is not the active broker
  outside_changes BIGINT NOT NULL
);
INSERT INTO database_state (id, schema_version, epoch, outside_changes) VALUES (1, ${BASELINE_VERSION}, 0, 0);
`;

const search = `
CREATE TABLE search_entries (
  world_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  -- also the tenant and the number of the message: see search-vector.ts
  words TSVECTOR NOT NULL,
  PRIMARY KEY (world_id, message_id)
) PARTITION BY RANGE (message_id);
-- Pending entries make an insert four times as fast. A short list (KiB) does not delay searches, nor the insert that empties it.
CREATE INDEX search_entries_words ON search_entries USING GIN (words) WITH (gin_pending_list_limit = 128);
`;

export const BASELINE = [accounts, members, messages, webhooks, search, state].join('\n');
