/** Tests the frames of live streams: their rate, their size and the end of a session, with a manual clock. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startSession } from '../../../../broker/core/members/sessions.ts';
import { conversationId, conversationOf } from '../../../../broker/core/model/conversation.ts';
import type { LiveStreamItem } from '../../../../broker/core/model/live-stream.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { Queries } from '../../../../broker/core/ports/store.ts';
import { LiveStreams } from '../../../../broker/delivery/sse/live-streams.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';
import { until } from '../../../support/until.ts';

let base: TemporaryStore;
let number: OwnNumber;
let memberId: string;
let sessionId: string;
let streams: LiveStreams;
let publish: (topics: readonly string[], tenantId: number | null) => void = () => {};
let timers: Array<{ at: number; run: () => void }> = [];

/** Moves the clock and runs the timers that are due. */
const pass = (ms: number) => {
  base.advance(ms);
  const due = timers.filter(({ at }) => at <= base.now());
  timers = timers.filter((timer) => !due.includes(timer));
  for (const { run } of due) run();
};

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  timers = [];
  const context = { now: base.now, ids: base.ids, secrets };
  ({ memberId, sessionId } = await base.store.transaction(async (tx) => {
    const member = {
      ...{ id: base.ids(), accountId: base.live.accountId, email: 'a@example.com', name: 'A' },
      ...{ role: 'viewer' as const, createdAt: 0, lastSeenAt: null, removedAt: null },
    };
    await tx.members.insert(member, 'none');
    const session = await startSession(tx, member, { userAgent: '', address: '' }, context);
    return { memberId: member.id, sessionId: session.sessionId };
  }));
  streams = new LiveStreams({
    ...{ store: base.store, now: base.now, monotonicNow: base.monotonicNow },
    after: (ms, run) => {
      const timer = { at: base.now() + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    subscribe: (_, listener) => {
      publish = listener;
      return () => {};
    },
  });
});
afterEach(async () => {
  streams.closeAll();
  await base.close();
});

function follow() {
  const items: LiveStreamItem[] = [];
  const stream = streams.open({ memberId, sessionId, tenant: base.live });
  let isEnded = false;
  const read = async () => {
    for await (const item of stream.items) items.push(item);
    isEnded = true;
  };
  void read();
  return { items, close: stream.close, isEnded: () => isEnded };
}

const unsent = () => queuedMessage({ tenantId: base.live.id, numberId: number.id });
const insert = (handle = '+14155550100') => base.insert({ numberId: number.id, handle });

it('changes within 250 ms of a frame are the next frame', async () => {
  const { items } = follow();
  const first = await insert();
  await until('the first frame', () => items.length === 1);
  const conversation = conversationId({ numberId: number.id, recipient: first.handle });
  expect(items).toEqual([
    {
      kind: 'changes',
      messages: [{ id: first.id, conversationId: conversation }],
      groups: [],
      typing: [],
      topics: [],
    },
  ]);
  const second = await insert();
  const third = await insert();
  publish(['contacts'], null);
  publish(['keys'], base.live.id + 1);
  pass(249);
  expect(items).toHaveLength(1);
  pass(1);
  await until('the second frame', () => items.length === 2);
  expect(items[1]).toEqual({
    kind: 'changes',
    messages: [second, third].map(({ id }) => ({ id, conversationId: conversation })),
    groups: [],
    typing: [],
    topics: ['contacts'],
  });
});

it('more than 100 changed messages are one frame without ids', async () => {
  const { items } = follow();
  await base.store.transaction(async (tx) => {
    for (let count = 0; count < 101; count += 1) {
      await tx.messages.setUnread({ ...unsent(), id: base.ids() });
    }
  });
  await until('the frame', () => items.length === 1);
  expect(items).toEqual([{ kind: 'all' }]);
  pass(250);
  await insert();
  await until('the next frame', () => items.length === 2);
  expect(items[1]).toMatchObject({ kind: 'changes', messages: [expect.anything()] });
});

it('a transaction that fails reports no message', async () => {
  const { items } = follow();
  const failing = base.store.transaction(async (tx) => {
    await tx.messages.setUnread(unsent());
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  const { id } = await insert();
  await until('the frame', () => items.length === 1);
  expect(items[0]).toMatchObject({ messages: [{ id }] });
});

it.each<[string, (tx: Queries, message: Message) => Promise<unknown>]>([
  [
    'a deferral',
    (tx, message) => tx.messages.defer(message, { until: 1, reason: 'quiet_hours', expiresAt: 2 }),
  ],
  [
    'an edit',
    (tx, message) => tx.messages.revise(message, { at: 0, kind: 'edited', status: 'received', detail: null }),
  ],
  ['a read mark', (tx, message) => tx.messages.setUnread(message)],
  ['a read conversation', (tx, message) => tx.messages.markRead(conversationOf(message), 1)],
  ['a deletion', (tx, message) => tx.messages.setDeleted({ ...message, deletedAt: 1 })],
  ['a late attachment', (tx, message) => tx.messages.addMedia(message, [])],
])('%s is a change of its message', async (_, change) => {
  const inbound = { direction: 'inbound', status: 'received', isUnread: true } as const;
  const message = await base.insert({ numberId: number.id, ...inbound });
  const { items } = follow();
  await base.store.transaction((tx) => change(tx, message));
  await until('the frame', () => items.length === 1);
  expect(items[0]).toMatchObject({ messages: [{ id: message.id }] });
});

it('a stream without changes gets a ping every 15 seconds', async () => {
  const { items } = follow();
  await until('the timer', () => timers.length === 1);
  pass(15_000);
  await until('the ping', () => items.length === 1);
  expect(items).toEqual([{ kind: 'ping' }]);
  await until('the next timer', () => timers.length === 1);
  pass(15_000);
  await until('the next ping', () => items.length === 2);
});

it('a stream ends with its session, and without streams nothing is gathered', async () => {
  const { items, isEnded } = follow();
  await until('the timer', () => timers.length === 1);
  await base.store.transaction((tx) => tx.memberSessions.revoke(memberId, sessionId, base.now()));
  await insert();
  await until('the end', isEnded);
  expect(items).toEqual([]);
  expect(streams.count).toBe(0);
  expect(timers).toEqual([]);
});
