/** Tests that lists omit many actions and blocked messages in a row, and serve other requests meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBlockedConversations } from '../../../broker/apis/inkbox-imessage/blocked-conversations.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import type { Queries } from '../../../broker/core/ports/store.ts';
import { countTurns } from '../../support/count-turns.ts';
import { queuedMessage } from '../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const HIDDEN = 13_000;
const HANDLE = '+14155550142';
const CHAT = 'iMessage;+;chat1';

let base: TemporaryStore;
let numberId: string;
/** Oldest first. */
const shown: string[] = [];

async function insert(count: number, change: (index: number) => Partial<Message>) {
  const ids: string[] = [];
  const own = { tenantId: base.live.id, numberId, handle: HANDLE };
  await base.store.transaction(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      const message = queuedMessage({ ...own, id: base.ids(), ...change(index) });
      await tx.messages.insert(message, { at: 0, kind: 'received', status: message.status, detail: null });
      ids.push(message.id);
    }
  });
  return ids;
}
beforeAll(async () => {
  base = await temporaryStore();
  const number = await base.addNumber('+14155550199');
  numberId = number.id;
  const plain = { direction: 'inbound', status: 'received' } as const;
  const hidden = (index: number): Partial<Message> => ({
    ...{ deletedAt: 1, chat: index % 2 === 0 ? null : CHAT },
    ...(index % 3 === 0
      ? { status: 'sent', action: { kind: 'react', messageId: 'm', part: 0, value: 'love' } }
      : { ...plain, isBlocked: true }),
  });
  shown.push(...(await insert(2, () => plain)), ...(await insert(2, () => ({ ...plain, chat: CHAT }))));
  await insert(HIDDEN, hidden);
  shown.push(...(await insert(1, () => plain)), ...(await insert(1, () => ({ ...plain, chat: CHAT }))));
  await insert(10, hidden);
});
afterAll(() => base?.close());

/** Returns the ids of the list, and the number of turns of the event loop that passed meanwhile. */
async function read(list: (read: Queries) => Promise<readonly Message[]>) {
  let messages: readonly Message[] = [];
  const turns = await countTurns(async () => {
    messages = await list(base.store.read);
  });
  return { ids: messages.map(({ id }) => id), turns };
}

describe('a list with 13,000 actions and blocked messages in a row', () => {
  const newestFirst = () => shown.toReversed();
  const direct = () => [shown[4], shown[1], shown[0]];
  const ofGroup = () => [shown[5], shown[3], shown[2]];
  const key = () => ({ tenantId: base.live.id, numberId });

  it.each<[string, (read: Queries) => Promise<readonly Message[]>, () => unknown]>([
    ['all messages', ({ messages }) => messages.list(base.live.id, { limit: 6 }), newestFirst],
    [
      'messages of a status',
      ({ messages }) => messages.list(base.live.id, { limit: 6, status: 'received' }),
      newestFirst,
    ],
    [
      'messages from a handle',
      ({ messages }) => messages.list(base.live.id, { limit: 6, from: HANDLE }),
      newestFirst,
    ],
    ['newer messages', ({ messages }) => messages.list(base.live.id, { limit: 6, after: '' }), () => shown],
    [
      'a conversation',
      ({ messages }) => messages.thread({ ...key(), recipient: HANDLE, isGroup: false }, { limit: 3 }),
      direct,
    ],
    [
      'a group',
      ({ messages }) => messages.thread({ ...key(), recipient: CHAT, isGroup: true }, { limit: 3 }),
      ofGroup,
    ],
    [
      'newer messages of a group',
      ({ messages }) =>
        messages.thread({ ...key(), recipient: CHAT, isGroup: true }, { limit: 3, after: '' }),
      ofGroup,
    ],
  ])('%s: returns the other messages and reads in several turns', async (_, list, expected) => {
    const { ids, turns } = await read(list);
    expect(ids).toEqual(expected());
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('has full pages from every offset and cursor', async () => {
    const { messages } = base.store.read;
    const group = { ...key(), recipient: CHAT, isGroup: true };
    const offsets = await Promise.all(
      [0, 1, 2, 3].map(async (offset) => (await messages.thread(group, { limit: 1, offset }))[0]?.id),
    );
    expect(offsets).toEqual([...ofGroup(), undefined]);
    const pages: string[] = [];
    let before: string | undefined;
    for (;;) {
      const [one] = await messages.list(base.live.id, { limit: 1, before });
      if (one === undefined) break;
      pages.push(one.id);
      before = one.id;
    }
    expect(pages).toEqual(newestFirst());
  });

  it('yields to other requests while it derives conversations from blocked messages', async () => {
    const list = (omitsGroups: boolean) =>
      read(async (queries) => {
        const filter = { omitsGroups, from: '', before: undefined };
        const page = { limit: 5, offset: 0 };
        const found = await listBlockedConversations(queries, base.live.id, filter, page);
        return found.flatMap(({ latest }) => latest ?? []);
      });
    const { messages } = base.store.read;
    const [newest] = await messages.list(base.live.id, { limit: 1, isBlocked: true });
    const all = await list(false);
    expect(all.ids).toHaveLength(2);
    expect(all.ids[0]).toBe(newest!.id);
    expect(all.turns).toBeGreaterThanOrEqual(8);
    expect((await list(true)).ids).toHaveLength(1);
  });

  it('returns the blocked messages on request, in pages', async () => {
    const { messages } = base.store.read;
    const first = await messages.list(base.live.id, { limit: 50, isBlocked: true });
    expect(first).toHaveLength(50);
    expect(first.every(({ isBlocked, action }) => isBlocked && action === null)).toBe(true);
    const before = first.at(-1)?.id;
    const [next] = await messages.list(base.live.id, { limit: 1, isBlocked: true, before });
    expect(next!.id < before!).toBe(true);
    expect(await messages.list(base.live.id, { limit: 9, isBlocked: true, from: '+1' })).toEqual([]);
  });
});
