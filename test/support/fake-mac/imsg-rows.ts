/** Reads and changes the chat.db of the fake Mac for the stand-in for `imsg rpc`. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import type { SentMessage } from './imsg-world.ts';
import { sendMessage } from './messages-app.ts';

export function storedChats(file: string): string[] {
  return withDatabase(
    file,
    (database) => database.prepare('SELECT guid FROM chat').pluck().all() as string[],
  );
}

export function storedMessages(file: string, guid: string): number {
  const sql = 'SELECT COUNT(*) FROM message WHERE guid = ?';
  return withDatabase(file, (database) => database.prepare(sql).pluck().get(guid) as number);
}

/** Writes the row of a sent message, or the row of a reaction. */
export function writeRow(file: string, message: SentMessage): void {
  const { guid, chat, text, file: path, columns, participants = [], name = null } = message;
  const [prefix, kind, identifier = ''] = chat.split(';');
  const bytes = path !== undefined && existsSync(path) ? statSync(path).size : 0;
  withDatabase(file, (database) =>
    sendMessage(database, {
      guid,
      to: identifier,
      text,
      service: prefix === 'SMS' ? 'SMS' : 'iMessage',
      ...(kind === '+' ? { group: { guid: chat, name, participants } } : {}),
      attachments: path === undefined ? [] : [{ filename: path, name: basename(path), bytes }],
      ...(columns === undefined ? {} : { change: columns }),
    }),
  );
}

export function changeChatDb(file: string, change: (database: Database.Database) => void): void {
  withDatabase(file, (database) => database.transaction(() => change(database))());
}

function withDatabase<T>(file: string, work: (database: Database.Database) => T): T {
  const database = new Database(file, { timeout: 10_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
