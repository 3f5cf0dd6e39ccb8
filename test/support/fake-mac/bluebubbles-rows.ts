/** Reads and writes a fake chat.db for the fake BlueBubbles server. */
import type Database from 'better-sqlite3';
import type { FakeChat } from './bluebubbles-messages.ts';
import {
  addMember,
  editMessage,
  leaveGroup,
  removeMember,
  renameGroup,
  sendMessage,
  unsendMessage,
} from './messages-app.ts';

export interface SentRow {
  guid: string;
  chat: string;
  text: string;
  file: string | undefined;
  columns: Record<string, string | number>;
}

export class BlueBubblesRows {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  findChat(guid: string): FakeChat | undefined {
    const sql = 'SELECT ROWID AS id, display_name AS name FROM chat WHERE guid = ?';
    const found = this.#database.prepare<[string], { id: number; name: string | null }>(sql).get(guid);
    if (found === undefined) return undefined;
    const participants = this.#database
      .prepare<[number], string>(
        'SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id WHERE j.chat_id = ?',
      )
      .pluck()
      .all(found.id);
    return { name: found.name, participants };
  }

  /** Returns the chat of a message. */
  findMessage(guid: string): string | undefined {
    const sql = `SELECT c.guid FROM message m JOIN chat_message_join j ON j.message_id = m.ROWID
      JOIN chat c ON c.ROWID = j.chat_id WHERE m.guid = ?`;
    return this.#database.prepare<[string], string>(sql).pluck().get(guid);
  }

  writeMessage({ guid, chat, text, file, columns }: SentRow, { name, participants }: FakeChat): void {
    sendMessage(this.#database, {
      ...{ guid, text, to: participants[0] ?? chat.split(';')[2] ?? '' },
      ...(chat.includes(';+;') ? { group: { guid: chat, name, participants } } : {}),
      attachments: file === undefined ? [] : [{ filename: null, name: file }],
      change: columns,
    });
  }

  edit(guid: string, text: string): void {
    editMessage(this.#database, guid, text);
  }

  unsend(guid: string): void {
    unsendMessage(this.#database, guid);
  }

  rename(guid: string, name: string): void {
    renameGroup(this.#database, guid, name);
  }

  toggleMember(guid: string, address: string, isAdding: boolean): void {
    (isAdding ? addMember : removeMember)(this.#database, guid, address);
  }

  leave(guid: string): void {
    leaveGroup(this.#database, guid);
  }
}
