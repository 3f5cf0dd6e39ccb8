/** Tests the address of sent messages with a real database of Messages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChatDatabase } from '../../../relay-agent/chat-db/chat-database.ts';
import { watchNumber } from '../../../relay-agent/health/number-watch.ts';
import { createChatTables, insertInbound, insertOutbound } from '../../support/fake-mac/chat-tables.ts';

const NUMBER = '+14155550199';
let folder: string;
let written: Database.Database;
let chat: ChatDatabase;
let rows = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homing-number-'));
  written = new Database(join(folder, 'chat.db'));
  createChatTables(written, 'macOS 26');
  chat = new ChatDatabase(join(folder, 'chat.db'));
});
afterEach(() => {
  chat.close();
  written.close();
  rmSync(folder, { recursive: true });
});

function send(from: string, count = 1): void {
  for (let n = 0; n < count; n += 1) {
    rows += 1;
    insertOutbound(written, {
      guid: `row-${rows}`,
      to: '+14155550100',
      text: 'hello',
      change: { destination_caller_id: from },
    });
  }
}

it('three messages in a row from other addresses mean that the number is not in use', () => {
  send('owner@example.com', 5);
  const isInUse = watchNumber({ chat, numbers: [NUMBER] });
  expect(isInUse()).toBeUndefined();
  send('owner@example.com', 2);
  expect(isInUse()).toBeUndefined();
  send('owner@example.com');
  expect(isInUse()).toBe(false);
  expect(isInUse()).toBe(false);
  send(NUMBER);
  expect(isInUse()).toBe(true);
});

it('received messages, rows with the recipient and a pairing without numbers say nothing', () => {
  const isInUse = watchNumber({ chat, numbers: [NUMBER] });
  for (const guid of ['a', 'b', 'c', 'd']) {
    const change = { destination_caller_id: 'owner@example.com' };
    insertInbound(written, { guid, from: '+14155550100', text: 'hello', change });
  }
  expect(isInUse()).toBeUndefined();
  send('+14155550100', 4);
  expect(isInUse()).toBeUndefined();
  const without = watchNumber({ chat, numbers: [] });
  send('owner@example.com', 4);
  expect(without()).toBeUndefined();
});

it('a long pause is read in one turn of limited size', () => {
  const isInUse = watchNumber({ chat, numbers: [NUMBER] });
  send(NUMBER, 300);
  send('owner@example.com', 3);
  expect(isInUse()).toBe(false);
});
