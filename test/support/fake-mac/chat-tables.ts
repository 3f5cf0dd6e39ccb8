/** Creates the tables of chat.db, and writes rows like Messages. */
import type Database from 'better-sqlite3';
import { chatColumns, type MacosVersion, messageColumns } from './message-columns.ts';
import { attributedBody } from './typedstream.ts';

export function createChatTables(database: Database.Database, macosVersion: MacosVersion): void {
  database.pragma('journal_mode = WAL');
  database.exec(`
    CREATE TABLE message (${messageColumns(macosVersion)});
    CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT,
      service TEXT NOT NULL, uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service));
    CREATE TABLE chat (${chatColumns(macosVersion)});
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
    CREATE INDEX chat_message_join_idx_message_id_only ON chat_message_join (message_id);
    CREATE INDEX message_idx_handle ON message (handle_id, date);`);
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

export interface GroupToWrite {
  guid: string;
  name: string | null;
  /** Members besides the own number; undefined: those that wrote to it. */
  participants?: readonly string[];
}

export interface RowToWrite {
  guid: string;
  text: string;
  service?: string;
  /** A group chat; undefined: the direct chat. */
  group?: GroupToWrite;
  attachments?: AttachmentToWrite[];
  /** The row is in no chat yet; `join` adds it. */
  isUnjoined?: boolean;
  change?: Record<string, string | number | Buffer | null>;
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
    const handle = handleOf(database, contact, service);
    const chatGuid = group?.guid ?? `${service};-;${contact}`;
    statement(
      database,
      `INSERT OR IGNORE INTO chat (guid, style, chat_identifier, service_name, display_name)
         VALUES (?, ?, ?, ?, ?)`,
    ).run(chatGuid, group ? 43 : 45, group ? chatGuid.split(';')[2] : contact, service, group?.name ?? null);
    const chat = idOf(database, 'SELECT ROWID FROM chat WHERE guid = ?', chatGuid);
    const members = group?.participants ?? (contact.includes(';') ? [] : [contact]);
    for (const member of members) joinChat(database, chat, handleOf(database, member, service));
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

/** Returns the row id of the handle, which is added if it is new. */
export function handleOf(database: Database.Database, id: string, service = 'iMessage'): number {
  statement(database, 'INSERT OR IGNORE INTO handle (id, service) VALUES (?, ?)').run(id, service);
  return idOf(database, 'SELECT ROWID FROM handle WHERE id = ? AND service = ?', id, service);
}

/** Replaces the members of a group. */
export function setMembers(database: Database.Database, chatGuid: string, members: readonly string[]): void {
  const chat = idOf(database, 'SELECT ROWID FROM chat WHERE guid = ?', chatGuid);
  database.prepare('DELETE FROM chat_handle_join WHERE chat_id = ?').run(chat);
  for (const member of members) joinChat(database, chat, handleOf(database, member));
}

function joinChat(database: Database.Database, chat: number, handle: number): void {
  statement(database, 'INSERT OR IGNORE INTO chat_handle_join (chat_id, handle_id) VALUES (?, ?)').run(
    chat,
    handle,
  );
}

function idOf(database: Database.Database, sql: string, ...params: string[]): number {
  return statement(database, sql)
    .pluck()
    .get(...params) as number;
}
