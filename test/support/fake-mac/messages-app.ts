/** Carries out requests like Messages on macOS 26: writes the rows of sent messages, and of changes of messages and groups. */
import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { handleOf, insertOutbound, type RowToWrite, setMembers } from './chat-tables.ts';
import { editRow, unsendRow } from './edits.ts';

const MEMBER_CHANGED = 1;
const NAME_CHANGED = 2;
const LEFT = 3;

/** Writes the row of a message, or of a reaction, that is sent and delivered at once. */
export function sendMessage(database: Database.Database, row: RowToWrite & { to: string }): void {
  const delivered = { is_sent: 1, is_delivered: 1, date_delivered: nowSince2001() };
  insertOutbound(database, { ...row, change: { ...delivered, ...row.change } });
}

export function editMessage(database: Database.Database, guid: string, text: string): void {
  editRow(database, guid, { text, at: Date.now() });
}

/** Since macOS 26, Messages no longer sets the date of an unsent message. */
export function unsendMessage(database: Database.Database, guid: string): void {
  unsendRow(database, guid, { at: Date.now(), hasDate: false });
}

export function renameGroup(database: Database.Database, guid: string, name: string): void {
  database.prepare('UPDATE chat SET display_name = ? WHERE guid = ?').run(name, guid);
  insertGroupRow(database, guid, { item_type: NAME_CHANGED, group_title: name });
}

export function addMember(database: Database.Database, guid: string, handle: string): void {
  setMembers(database, guid, [...membersOf(database, guid), handle]);
  insertGroupRow(database, guid, {
    item_type: MEMBER_CHANGED,
    group_action_type: 0,
    other_handle: handleOf(database, handle),
  });
}

export function removeMember(database: Database.Database, guid: string, handle: string): void {
  setMembers(
    database,
    guid,
    membersOf(database, guid).filter((member) => member !== handle),
  );
  insertGroupRow(database, guid, {
    item_type: MEMBER_CHANGED,
    group_action_type: 1,
    other_handle: handleOf(database, handle),
  });
}

export function leaveGroup(database: Database.Database, guid: string): void {
  insertGroupRow(database, guid, { item_type: LEFT, group_action_type: 0 });
}

function membersOf(database: Database.Database, guid: string): string[] {
  return database
    .prepare<[string], string>(
      `SELECT h.id FROM chat c JOIN chat_handle_join j ON j.chat_id = c.ROWID JOIN handle h ON h.ROWID = j.handle_id
       WHERE c.guid = ?`,
    )
    .pluck()
    .all(guid);
}

function insertGroupRow(
  database: Database.Database,
  chatGuid: string,
  columns: Record<string, string | number>,
): void {
  const row = {
    guid: randomUUID().toUpperCase(),
    is_from_me: 1,
    is_sent: 1,
    service: 'iMessage',
    date: nowSince2001(),
    ...columns,
  };
  const names = Object.keys(row);
  const { lastInsertRowid } = database
    .prepare(`INSERT INTO message (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
    .run(...Object.values(row));
  database
    .prepare(
      'INSERT INTO chat_message_join (chat_id, message_id) VALUES ((SELECT ROWID FROM chat WHERE guid = ?), ?)',
    )
    .run(chatGuid, lastInsertRowid);
}

function nowSince2001(): number {
  return (Date.now() - 978_307_200_000) * 1_000_000;
}
