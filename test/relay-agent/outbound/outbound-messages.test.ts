/** What becomes of messages when the clock is set, which no test can wait for: real journal, real chat.db. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChatDatabase } from '../../../relay-agent/chat-db/chat-database.ts';
import { Journal } from '../../../relay-agent/journal/journal.ts';
import { OutboundMessages } from '../../../relay-agent/outbound/outbound-messages.ts';
import { Outbox } from '../../../relay-agent/transport/outbox.ts';
import type { ReportItem } from '../../../shared/protocol.ts';
import { createChatTables, insertOutgoing } from '../../support/fake-mac/chat-tables.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;
const PERSON = '+14155550100';
const ITEM = {
  ...{
    message: 'msg_1',
    lease: 'lse_1',
    attempt: 1,
    to: PERSON,
    from: '+14155550199',
    text: 'hi',
    media: [],
  },
  ...{ service: 'auto' as const, expires_at: '2030-01-01T00:00:00Z' },
};

describe('a message on its way', () => {
  let folder: string;
  let messages: Database.Database;
  let chat: ChatDatabase;
  let journal: Journal;
  let outgoing: OutboundMessages;
  let now: number;
  let monotonicNow: number;
  let sends: number;

  function open() {
    journal = new Journal(join(folder, 'journal.db'));
    outgoing = new OutboundMessages({
      journal,
      chat,
      sender: {
        async send() {
          sends += 1;
          return { kind: 'handed' };
        },
      },
      staging: { stage: async () => [], clear() {} },
      outbox: new Outbox({ send() {}, onAcknowledged() {}, after: () => () => {} }),
      now: () => now,
      monotonicNow: () => monotonicNow,
      confirmMs: 180_000,
      hasSmsFallback: true,
      onProblem() {},
      onSettled() {},
    });
    outgoing.look();
    outgoing.start();
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-outgoing-'));
    messages = new Database(join(folder, 'chat.db'));
    createChatTables(messages, 'macOS 26');
    chat = new ChatDatabase(join(folder, 'chat.db'));
    now = Date.UTC(2026, 10, 21);
    monotonicNow = 0;
    sends = 0;
    open();
  });
  afterEach(() => {
    journal.close();
    chat.close();
    messages.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const states = () => journal.reportsOf('msg_1').map(({ state }: ReportItem) => state);
  const row = (change: Record<string, number> = {}) =>
    insertOutgoing(messages, { guid: 'g', to: PERSON, text: 'hi', change });
  const pass = (ms: number) => {
    monotonicNow += ms;
    now += ms;
    outgoing.expire();
  };
  const taken = async () => {
    outgoing.take(ITEM);
    await until('the send', () => sends === 1);
  };

  it('is followed as long as before when the clock is set forward or back', async () => {
    await taken();
    now += 30 * HOUR_MS;
    outgoing.expire();
    row();
    outgoing.look();
    now -= 60 * HOUR_MS;
    outgoing.expire();
    messages.exec('UPDATE message SET is_sent = 1');
    outgoing.look();
    now += 90 * HOUR_MS;
    outgoing.expire();
    messages.exec('UPDATE message SET date_delivered = 1e18');
    outgoing.look();
    expect(states()).toEqual(['sending', 'sent', 'delivered']);
  });

  it('is given up as unconfirmed after three minutes without a row, and after a day without news of it', async () => {
    await taken();
    pass(181_000);
    expect(states()).toEqual(['sending', 'failed']);
    journal.close();
    rmSync(join(folder, 'journal.db'), { force: true });
    for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `journal.db${suffix}`), { force: true });
    sends = 0;
    open();
    await taken();
    row();
    outgoing.look();
    pass(23 * HOUR_MS);
    expect(states()).toEqual(['sending']);
    pass(2 * HOUR_MS);
    expect(states()).toEqual(['sending', 'failed']);
    messages.exec('UPDATE message SET is_sent = 1');
    outgoing.look();
    pass(1_000);
    expect(states()).toEqual(['sending', 'failed', 'sent']);
  });

  it('that was sent is looked for news of for a day, also over restarts, but not for ever', async () => {
    await taken();
    row({ is_sent: 1 });
    outgoing.look();
    for (let day = 0; day < 8; day += 1) {
      journal.close();
      now += 24 * HOUR_MS;
      open();
    }
    messages.exec('UPDATE message SET date_delivered = 1e18');
    outgoing.look();
    expect(states()).toEqual(['sending', 'sent']);
    expect(journal.find('msg_1')).toMatchObject({ isSettled: true });
  });
});
