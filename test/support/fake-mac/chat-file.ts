/** Creates a chat.db in a temporary folder, and reads it like the agent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ChatDatabase } from '../../../relay-agent/chat-db/chat-database.ts';
import type { ChatRow } from '../../../relay-agent/chat-db/chat-row.ts';
import { createChatTables, insertInbound, insertOutbound, type RowToWrite } from './chat-tables.ts';
import type { MacosVersion } from './message-columns.ts';

export class ChatFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'homing-chat-'));
  readonly path = join(this.#folder, 'chat.db');
  /** The connection of Messages. */
  readonly messages = new Database(this.path);
  #chat: ChatDatabase | undefined;
  #rows = 0;

  constructor(macosVersion: MacosVersion = 'macOS 26') {
    createChatTables(this.messages, macosVersion);
  }

  receive(text: string, row: Partial<RowToWrite> & { from?: string } = {}): string {
    this.#rows += 1;
    return insertInbound(this.messages, { guid: `in-${this.#rows}`, from: '+14155550100', text, ...row });
  }

  type(text: string, row: Partial<RowToWrite> & { to?: string } = {}): string {
    this.#rows += 1;
    return insertOutbound(this.messages, { guid: `out-${this.#rows}`, to: '+14155550100', text, ...row });
  }

  /** The agent's connection. */
  get chat(): ChatDatabase {
    this.#chat ??= new ChatDatabase(this.path);
    return this.#chat;
  }

  row(guid: string): ChatRow {
    return this.chat.find(guid)!;
  }

  dispose(): void {
    this.#chat?.close();
    this.messages.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
