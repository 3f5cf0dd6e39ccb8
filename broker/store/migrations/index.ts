/** Lists the migrations in order. A released migration is never edited: add one with the next number. */
import { sql as base } from './0001-base.ts';
import { sql as attachments } from './0002-attachments.ts';
import { sql as shortcuts } from './0003-shortcuts.ts';
import { sqlite as conversationSearch, sql as conversations } from './0004-conversations.ts';
import { sql as correspondents } from './0005-correspondents.ts';
import { sql as webhooks } from './0006-webhooks.ts';
import { sql as providers } from './0007-providers.ts';
import { sql as pace } from './0008-pace.ts';
import { sql as toolCalls } from './0009-tool-calls.ts';
import { sql as idempotencyRetention } from './0010-idempotency-retention.ts';
import { sql as backgroundTasks } from './0011-background-tasks.ts';
import { sql as boundedReads } from './0012-bounded-reads.ts';
import { sql as storedBytes } from './0013-stored-bytes.ts';
import { sql as devicePresence } from './0014-device-presence.ts';
import { sql as messageAliases } from './0015-message-aliases.ts';
import { sql as members } from './0016-members.ts';
import { sql as inboxFilters } from './0017-inbox-filters.ts';
import { sqlite as contactFields, sql as dashboard } from './0018-dashboard.ts';
import {
  postgres as postgresGroups,
  sql as richMessages,
  sqlite as sqliteGroups,
} from './0019-rich-messages.ts';

import { sql as brokers, postgres as postgresBrokers } from './0020-brokers.ts';
import { sql as contactsById } from './0021-contacts-by-id.ts';

export interface Migration {
  number: number;
  name: string;
  sql: string;
  /**
   * Whether brokers of the previous version can run on while and after it is applied: it only adds tables, indexes, and
   * columns that may stay empty. Otherwise a broker applies it when no other broker runs.
   */
  isCompatible?: true;
  /** Runs after `sql`, in SQLite only. */
  sqlite?: string;
  /** Runs after `sql`, in PostgreSQL only. PostgreSQL begins with migration 18; see postgres/baseline/. */
  postgres?: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'base', sql: base },
  { number: 2, name: 'attachments', sql: attachments },
  { number: 3, name: 'shortcuts', sql: shortcuts },
  { number: 4, name: 'conversations', sql: conversations, sqlite: conversationSearch },
  { number: 5, name: 'correspondents', sql: correspondents },
  { number: 6, name: 'webhooks', sql: webhooks },
  { number: 7, name: 'providers', sql: providers },
  { number: 8, name: 'pace', sql: pace },
  { number: 9, name: 'tool-calls', sql: toolCalls },
  { number: 10, name: 'idempotency-retention', sql: idempotencyRetention },
  { number: 11, name: 'background-tasks', sql: backgroundTasks },
  { number: 12, name: 'bounded-reads', sql: boundedReads },
  { number: 13, name: 'stored-bytes', sql: storedBytes },
  { number: 14, name: 'device-presence', sql: devicePresence },
  { number: 15, name: 'message-aliases', sql: messageAliases },
  { number: 16, name: 'members', sql: members },
  { number: 17, name: 'inbox-filters', sql: inboxFilters },
  { number: 18, name: 'dashboard', sql: dashboard, sqlite: contactFields },
  {
    number: 19,
    name: 'rich-messages',
    sql: richMessages,
    sqlite: sqliteGroups,
    postgres: postgresGroups,
  },
  { number: 20, name: 'brokers', sql: brokers, postgres: postgresBrokers },
  { number: 21, name: 'contacts-by-id', sql: contactsById, isCompatible: true },
];

export const NEWEST_VERSION = MIGRATIONS.at(-1)?.number ?? 0;
