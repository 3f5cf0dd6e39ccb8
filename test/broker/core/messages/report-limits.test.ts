/** Tests that the work for one message does not grow with the number of reports about it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyEdit } from '../../../../broker/core/messages/apply-edit.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import type { ReactionChange } from '../../../../broker/core/model/reaction.ts';
import type { Queries } from '../../../../broker/core/ports/store.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let message: Message;

beforeEach(async () => {
  base = await temporaryStore();
  message = await insert();
});
afterEach(() => base.close());

async function insert(): Promise<Message> {
  const { id, phoneNumber } = await base.addNumber(`+141555501${String(++numbers).padStart(2, '0')}`);
  return base.insert({ numberId: id, ownNumber: phoneNumber, status: 'sent', sentAt: base.now() });
}
let numbers = 0;

async function react(tx: Queries, to: Message, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const change: ReactionChange = {
      ...{ guid: `${to.id} ${n}`, target: 'g', sender: `sender ${n}`, reaction: 'love', part: 0 },
      ...{ isRemoved: false, at: base.now() + n, id: null },
    };
    await tx.reactions.insert(to, change);
    await tx.messages.addReaction(to);
  }
}

it('the newest 1,000 reports about the reactions to a message are read', async () => {
  const other = await insert();
  await base.store.transaction(async (tx) => {
    await react(tx, message, 1_200);
    await react(tx, other, 1);
  });
  const reports = await base.store.read.reactions.ofMessage(message.id);
  expect(reports.map(({ sender }) => sender)).toEqual(
    Array.from({ length: 1_000 }, (_, n) => `sender ${n + 201}`),
  );
  const found = await base.store.read.messages.findMany(base.live.id, [message.id, other.id]);
  expect(found.map(({ reactions }) => reactions.length)).toEqual([1_000, 1]);
  expect(found[0]!.reactions.at(-1)?.handle).toBe('sender 1200');
});

it('a message has at most 100 stored reports of edits, and can still be unsent', async () => {
  const { store, now, ids } = base;
  const current = async (tx: Queries) => (await tx.messages.find(base.live.id, message.id))!;
  await store.transaction(async (tx) => {
    for (let n = 0; n < 120; n += 1) {
      const edit = { kind: 'edited', at: now() + n, content: `version ${n}`, isAction: false } as const;
      await applyEdit(tx, await current(tx), edit, { now: now(), ids });
    }
  });
  expect(await store.read.messageEdits.ofMessage(message.id)).toHaveLength(100);
  await store.transaction(async (tx) => {
    const edit = { kind: 'unsent', at: now() + 500, content: '', isAction: false } as const;
    await applyEdit(tx, await current(tx), edit, { now: now(), ids });
  });
  expect(await current(store.read)).toMatchObject({ content: '', retractedAt: now() + 500 });
});

it('at most 1,000 items wait for a message that is not stored', async () => {
  const { store, now } = base;
  await store.transaction(async (tx) => {
    for (let n = 0; n < 1_010; n += 1) {
      await tx.pendingItems.put(message.numberId, 'unknown', `guid ${n}`, { n }, now() + n);
    }
    await tx.pendingItems.put(message.numberId, 'other', 'guid', { n: 0 }, now());
  });
  const take = (target: string) =>
    store.transaction((tx) => tx.pendingItems.take(message.numberId, [target]));
  expect(await take('unknown')).toEqual(Array.from({ length: 1_000 }, (_, n) => ({ n })));
  expect(await take('other')).toEqual([{ n: 0 }]);
});
