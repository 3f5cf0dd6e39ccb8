/** Tests outbound messages with a manual clock, a real journal and a real chat.db. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChatDatabase } from '../../../relay-agent/chat-db/chat-database.ts';
import { Journal } from '../../../relay-agent/journal/journal.ts';
import { OutboundItems } from '../../../relay-agent/outbound/outbound-items.ts';
import { Outbox } from '../../../relay-agent/transport/outbox.ts';
import { createChatTables, insertOutbound } from '../../support/fake-mac/chat-tables.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;
const RECIPIENT = '+14155550100';
const ITEM = {
  ...{
    message: 'msg_1',
    lease: 'lse_1',
    attempt: 1,
    to: RECIPIENT,
    from: '+14155550199',
    text: 'hi',
    media: [],
  },
  ...{ service: 'auto' as const, expires_at: '2030-01-01T00:00:00Z' },
};

describe('an outbound message', () => {
  let folder: string;
  let messages: Database.Database;
  let chat: ChatDatabase;
  let journal: Journal;
  let outbound: OutboundItems;
  let now: number;
  let monotonicNow: number;
  let sends: number;

  function open() {
    journal = new Journal(join(folder, 'journal.db'));
    outbound = new OutboundItems({
      journal,
      chat,
      senders: {
        async send() {
          sends += 1;
          return { kind: 'accepted' };
        },
        change: async () => ({ kind: 'accepted' }),
        statusOf: async () => 'unknown',
      },
      staging: { stage: async () => [], clear() {} },
      outbox: new Outbox({ after: () => () => {} }),
      now: () => now,
      monotonicNow: () => monotonicNow,
      confirmMs: 180_000,
      hasSmsFallback: true,
      onProblem() {},
    });
    outbound.poll();
    outbound.start();
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-outbound-'));
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

  const states = () => journal.reportsOf('msg_1').map(({ state }) => state);
  const row = (change: Record<string, number> = {}) =>
    insertOutbound(messages, { guid: 'g', to: RECIPIENT, text: 'hi', change });
  const pass = (ms: number) => {
    monotonicNow += ms;
    now += ms;
    outbound.tick();
  };
  const takeAndSend = async () => {
    outbound.take(ITEM);
    await until('the send', () => sends === 1);
  };

  it('is not sent if it is delivered after its cancellation', () => {
    outbound.cancel({ message: 'msg_1', lease: 'lse_0' });
    outbound.take(ITEM);
    expect(sends).toBe(0);
    expect(journal.find('msg_1')).toBeUndefined();
  });

  it('is not sent if the agent restarted between its cancellation and its delivery', () => {
    outbound.cancel({ message: 'msg_1', lease: 'lse_0' });
    outbound.stop();
    journal.close();
    open();
    outbound.take(ITEM);
    expect(sends).toBe(0);
    expect(journal.find('msg_1')).toBeUndefined();
  });

  it('a message is tracked for a day although the clock is set forward and back', async () => {
    await takeAndSend();
    now += 30 * HOUR_MS;
    outbound.tick();
    row();
    outbound.poll();
    now -= 60 * HOUR_MS;
    outbound.tick();
    messages.exec('UPDATE message SET is_sent = 1');
    outbound.poll();
    now += 90 * HOUR_MS;
    outbound.tick();
    messages.exec('UPDATE message SET date_delivered = 1e18');
    outbound.poll();
    expect(states()).toEqual(['sending', 'sent', 'delivered']);
  });

  it('a message fails as unconfirmed after three minutes without a row, or a day without being sent', async () => {
    await takeAndSend();
    pass(181_000);
    expect(states()).toEqual(['sending', 'failed']);
    journal.close();
    rmSync(join(folder, 'journal.db'), { force: true });
    for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `journal.db${suffix}`), { force: true });
    sends = 0;
    open();
    await takeAndSend();
    row();
    outbound.poll();
    pass(23 * HOUR_MS);
    expect(states()).toEqual(['sending']);
    pass(2 * HOUR_MS);
    expect(states()).toEqual(['sending', 'failed']);
    messages.exec('UPDATE message SET is_sent = 1');
    outbound.poll();
    pass(1_000);
    expect(states()).toEqual(['sending', 'failed', 'sent']);
  });

  it('a sent message is settled after a week of daily restarts', async () => {
    await takeAndSend();
    row({ is_sent: 1 });
    outbound.poll();
    for (let day = 0; day < 8; day += 1) {
      journal.close();
      now += 24 * HOUR_MS;
      open();
    }
    messages.exec('UPDATE message SET date_delivered = 1e18');
    outbound.poll();
    expect(states()).toEqual(['sending', 'sent']);
    expect(journal.find('msg_1')).toMatchObject({ isSettled: true });
  });
});
