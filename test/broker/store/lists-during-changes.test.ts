/**
 * Tests that the lists of messages contain a message while it leaves the queue or returns to it. Queued messages and all others are
 * in different indexes, so a list reads them with several statements.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordTransition } from '../../../broker/core/lifecycle/record-transition.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { transition } from '../../../broker/core/model/message-transition.ts';
import type { Queries } from '../../../broker/core/ports/store.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const ROUNDS = 60;
const READS = 6;
const RECIPIENT = '+14155550100';

let base: TemporaryStore;
beforeEach(async () => {
  base = await temporaryStore();
});
afterEach(() => base.close());

const page = { limit: 1, offset: 0 };

it.each<[string, (read: Queries, message: Message) => Promise<readonly Message[]>]>([
  ['list', (read, { tenantId }) => read.messages.list(tenantId, { to: RECIPIENT, limit: 1 })],
  [
    'browse',
    async (read, { tenantId }) =>
      (await read.messages.browse(tenantId, { handle: RECIPIENT }, { limit: 1 })).messages,
  ],
  ['texts', (read, { tenantId, numberId }) => read.messages.texts(tenantId, numberId, page)],
  [
    'thread',
    (read, { tenantId, numberId }) =>
      read.messages.thread({ tenantId, numberId, recipient: RECIPIENT, isGroup: false }, page),
  ],
])('%s returns a message that leaves the queue or returns to it during the read', async (_name, read) => {
  const { store, now, ids } = base;
  const number = await base.addNumber('+14155550199');
  for (let round = 0; round < ROUNDS; round += 1) {
    const [status, kind] =
      round % 2 === 0 ? (['queued', 'cancel'] as const) : (['polling', 'requeue'] as const);
    const message = await base.insert({ numberId: number.id, handle: RECIPIENT, status });
    const change = (one: Message, trigger: 'cancel' | 'requeue') =>
      store.transaction((tx) =>
        recordTransition(tx, transition(one, { kind: trigger }, now())!, { now: now(), ids }),
      );
    const changing = change(message, kind);
    const reading = async () => {
      for (let one = 0; one < READS; one += 1) {
        const [newest] = await read(store.read as Queries, message);
        expect([round, newest?.id]).toEqual([round, message.id]);
      }
    };
    await Promise.all([changing, reading(), reading()]);
    // The queue is empty before each round.
    const after = await store.read.messages.find(message.tenantId, message.id);
    if (after?.status === 'queued') await change(after, 'cancel');
  }
});
