/** Defines the result of a check of a database, the same for every engine. */

import type { ListedBroker } from '../core/ports/brokers.ts';

export interface DatabaseCheck {
  engine: 'sqlite' | 'postgres';
  /** File, or address without the password. */
  database: string;
  /** Version of the engine. */
  version: string;
  /** Version of the schema; 0: there are no tables of Homing. */
  schemaVersion: number;
  bytes: number;
  /** Number of rows of the main tables. */
  rows: Record<string, number>;
  /** Further facts, by name. */
  facts: Record<string, string | number>;
  /** The brokers on the database; empty with SQLite. */
  brokers: ListedBroker[];
  /** Problems, with the next step of each. */
  problems: string[];
}

/** Tables whose rows a check counts. */
export const MAIN_TABLES = [
  ...['accounts', 'numbers', 'devices', 'contacts', 'conversations', 'messages', 'timeline'],
  ...['media', 'webhooks', 'webhook_deliveries'],
] as const;
