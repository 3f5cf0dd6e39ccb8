/** chat.db with the tables that Messages has, of two vintages, and the rows that Messages writes. */
import type Database from 'better-sqlite3';
import { attributedBody } from './typedstream.ts';

export const VINTAGES = ['macOS 13', 'macOS 26'] as const;
export type Vintage = (typeof VINTAGES)[number];

const NEWER_COLUMNS = ', is_spam INTEGER DEFAULT 0, was_downgraded INTEGER DEFAULT 0, fallback_hash TEXT';

export function createChatTables(database: Database.Database, vintage: Vintage): void {
  database.pragma('journal_mode = WAL');
  database.exec(`
    CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
      replace INTEGER DEFAULT 0, service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT,
      attributedBody BLOB, version INTEGER DEFAULT 0, type INTEGER DEFAULT 0, service TEXT, account TEXT,
      account_guid TEXT, error INTEGER DEFAULT 0, date INTEGER, date_read INTEGER DEFAULT 0,
      date_delivered INTEGER DEFAULT 0, is_delivered INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0,
      is_emote INTEGER DEFAULT 0, is_from_me INTEGER DEFAULT 0, is_empty INTEGER DEFAULT 0,
      is_read INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0, cache_has_attachments INTEGER DEFAULT 0,
      item_type INTEGER DEFAULT 0, group_title TEXT, associated_message_guid TEXT, balloon_bundle_id TEXT,
      associated_message_type INTEGER DEFAULT 0, destination_caller_id TEXT,
      thread_originator_guid TEXT, date_edited INTEGER DEFAULT 0, date_retracted INTEGER DEFAULT 0
      ${vintage === 'macOS 26' ? NEWER_COLUMNS : ''});
    CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT,
      service TEXT NOT NULL, uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service));
    CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER,
      state INTEGER, account_id TEXT, chat_identifier TEXT, service_name TEXT, room_name TEXT, display_name TEXT);
    CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0,
      PRIMARY KEY (chat_id, message_id));
    CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE (chat_id, handle_id));`);
}

export interface RowToWrite {
  guid: string;
  text: string;
  service?: string;
  change?: Record<string, string | number | null>;
}

export function insertOutgoing(database: Database.Database, row: RowToWrite & { to: string }): string {
  return insert(database, row.to, row, { is_from_me: 1, is_finished: 1 });
}

export function insertIncoming(database: Database.Database, row: RowToWrite & { from: string }): string {
  return insert(database, row.from, row, { is_from_me: 0, is_finished: 1, is_delivered: 1 });
}

function insert(
  database: Database.Database,
  person: string,
  { guid, text, service = 'iMessage', change = {} }: RowToWrite,
  flags: Record<string, number>,
): string {
  return database.transaction(() => {
    database.prepare('INSERT OR IGNORE INTO handle (id, service) VALUES (?, ?)').run(person, service);
    const handle = idOf(database, 'SELECT ROWID FROM handle WHERE id = ? AND service = ?', person, service);
    const chatGuid = `${service};-;${person}`;
    database
      .prepare('INSERT OR IGNORE INTO chat (guid, style, chat_identifier, service_name) VALUES (?, 45, ?, ?)')
      .run(chatGuid, person, service);
    const chat = idOf(database, 'SELECT ROWID FROM chat WHERE guid = ?', chatGuid);
    const columns = {
      guid,
      text: null,
      attributedBody: attributedBody(text),
      service,
      handle_id: handle,
      date: (Date.now() - 978_307_200_000) * 1_000_000,
      ...flags,
      ...change,
    };
    const names = Object.keys(columns);
    const { lastInsertRowid } = database
      .prepare(`INSERT INTO message (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
      .run(...Object.values(columns));
    database
      .prepare('INSERT INTO chat_message_join (chat_id, message_id) VALUES (?, ?)')
      .run(chat, lastInsertRowid);
    return guid;
  })();
}

function idOf(database: Database.Database, sql: string, ...params: string[]): number {
  return database
    .prepare<string[], number>(sql)
    .pluck()
    .get(...params)!;
}
