/** Creates the tables of chat.db for several versions of macOS, and writes rows like Messages. */
import type Database from 'better-sqlite3';
import { attributedBody } from './typedstream.ts';

export const MACOS_VERSIONS = ['macOS 13', 'macOS 15', 'macOS 26'] as const;
export type MacosVersion = (typeof MACOS_VERSIONS)[number];

const SINCE_15 = `, associated_message_emoji TEXT, schedule_type INTEGER DEFAULT 0, schedule_state INTEGER DEFAULT 0,
  sent_or_received_off_grid INTEGER DEFAULT 0, date_recovered INTEGER DEFAULT 0`;
const SINCE_26 = ', is_spam INTEGER DEFAULT 0, fallback_hash TEXT';
const ADDED = { 'macOS 13': '', 'macOS 15': SINCE_15, 'macOS 26': SINCE_15 + SINCE_26 };

export function createChatTables(database: Database.Database, macosVersion: MacosVersion): void {
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
      associated_message_type INTEGER DEFAULT 0, destination_caller_id TEXT, was_downgraded INTEGER DEFAULT 0,
      thread_originator_guid TEXT, date_edited INTEGER DEFAULT 0, date_retracted INTEGER DEFAULT 0
      ${ADDED[macosVersion]});
    CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT,
      service TEXT NOT NULL, uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service));
    CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER,
      state INTEGER, account_id TEXT, chat_identifier TEXT, service_name TEXT, room_name TEXT, display_name TEXT);
    CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0,
      PRIMARY KEY (chat_id, message_id));
    CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE (chat_id, handle_id));
    CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL,
      created_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT, transfer_state INTEGER DEFAULT 0,
      is_outgoing INTEGER DEFAULT 0, transfer_name TEXT, total_bytes INTEGER DEFAULT 0,
      hide_attachment INTEGER DEFAULT 0, ck_record_id TEXT);
    CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER,
      UNIQUE (message_id, attachment_id));
    CREATE INDEX message_attachment_join_idx_message_id ON message_attachment_join (message_id);
    CREATE INDEX chat_message_join_idx_message_id_only ON chat_message_join (message_id);`);
}

export interface AttachmentToWrite {
  /** As in chat.db, `~/Library/…`; null during the download. */
  filename: string | null;
  name: string;
  type?: string | null;
  bytes?: number;
  state?: number;
  isHidden?: boolean;
}

export interface RowToWrite {
  guid: string;
  text: string;
  service?: string;
  /** A group chat; undefined: the direct chat. */
  group?: { guid: string; name: string };
  attachments?: AttachmentToWrite[];
  /** The row is in no chat yet; `join` adds it. */
  isUnjoined?: boolean;
  change?: Record<string, string | number | null>;
}

export function insertOutbound(database: Database.Database, row: RowToWrite & { to: string }): string {
  return insert(database, row.to, row, { is_from_me: 1, is_finished: 1 });
}

export function insertInbound(database: Database.Database, row: RowToWrite & { from: string }): string {
  return insert(database, row.from, row, { is_from_me: 0, is_finished: 1, is_delivered: 1 });
}

const CONTACTS = 10;
const MINUTE_MS = 60_000;

/** Adds old messages with ten contacts in both directions, one per minute until now; oldest first. */
export function fillChat(database: Database.Database, count: number): void {
  const now = Date.now();
  database.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const contact = `+1415555${String(100 + (index % CONTACTS)).padStart(4, '0')}`;
      const date = (now - (count - index) * MINUTE_MS - 978_307_200_000) * 1_000_000;
      const row = { guid: `history-${index}`, text: `old message ${index}` };
      if (index % 2 === 0) insertInbound(database, { ...row, from: contact, change: { date } });
      else
        insertOutbound(database, { ...row, to: contact, change: { date, is_sent: 1, date_delivered: date } });
    }
  })();
}

/** Caches statements: preparing one takes longer than running it. */
const prepared = new WeakMap<Database.Database, Map<string, Database.Statement>>();

function statement(database: Database.Database, sql: string): Database.Statement {
  const known = prepared.get(database) ?? new Map<string, Database.Statement>();
  prepared.set(database, known);
  const found = known.get(sql) ?? database.prepare(sql);
  known.set(sql, found);
  return found;
}

function insert(
  database: Database.Database,
  contact: string,
  { guid, text, service = 'iMessage', group, attachments = [], isUnjoined = false, change = {} }: RowToWrite,
  flags: Record<string, number>,
): string {
  return database.transaction(() => {
    statement(database, 'INSERT OR IGNORE INTO handle (id, service) VALUES (?, ?)').run(contact, service);
    const handle = idOf(database, 'SELECT ROWID FROM handle WHERE id = ? AND service = ?', contact, service);
    const chatGuid = group?.guid ?? `${service};-;${contact}`;
    statement(
      database,
      `INSERT OR IGNORE INTO chat (guid, style, chat_identifier, service_name, display_name)
         VALUES (?, ?, ?, ?, ?)`,
    ).run(chatGuid, group ? 43 : 45, group ? chatGuid.split(';')[2] : contact, service, group?.name ?? null);
    const chat = idOf(database, 'SELECT ROWID FROM chat WHERE guid = ?', chatGuid);
    // The text contains a placeholder for each attachment.
    const marks = '\uFFFC'.repeat(attachments.length);
    const columns = {
      guid,
      text: null,
      attributedBody: text === '' && attachments.length === 0 ? null : attributedBody(marks + text),
      cache_has_attachments: attachments.length > 0 ? 1 : 0,
      service,
      // The owner's own messages to a group have no handle.
      handle_id: group !== undefined && flags.is_from_me === 1 ? 0 : handle,
      date: (Date.now() - 978_307_200_000) * 1_000_000,
      ...flags,
      ...change,
    };
    const names = Object.keys(columns);
    const { lastInsertRowid } = statement(
      database,
      `INSERT INTO message (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ).run(...Object.values(columns));
    if (!isUnjoined) {
      statement(database, 'INSERT INTO chat_message_join (chat_id, message_id) VALUES (?, ?)').run(
        chat,
        lastInsertRowid,
      );
    }
    for (const [position, file] of attachments.entries()) {
      const { lastInsertRowid: attachment } = statement(
        database,
        `INSERT INTO attachment (guid, filename, mime_type, transfer_name, total_bytes, transfer_state,
             hide_attachment) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        `at_${position}_${guid}`,
        file.filename,
        file.type ?? null,
        file.name,
        file.bytes ?? 0,
        file.state ?? 5,
        file.isHidden ? 1 : 0,
      );
      statement(
        database,
        'INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (?, ?)',
      ).run(lastInsertRowid, attachment);
    }
    return guid;
  })();
}

function idOf(database: Database.Database, sql: string, ...params: string[]): number {
  return statement(database, sql)
    .pluck()
    .get(...params) as number;
}
