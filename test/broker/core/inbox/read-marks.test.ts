import { afterEach, beforeEach, expect, it } from 'vitest';
import { Projector } from '../../../../broker/core/inbox/projector.ts';
import { markAll } from '../../../../broker/core/inbox/read-marks.ts';
import type { Conversation } from '../../../../broker/core/model/conversation.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const HANDLE = '+14155550100';
/** More than two steps. */
const COUNT = 1_050;

let base: TemporaryStore;
let number: OwnNumber;
let transactions = 0;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
});
afterEach(() => base.close());

async function conversation(): Promise<Conversation> {
  await new Projector({ store: base.store, context: base.context }).catchUp();
  const [found] = await base.store.read.conversations.list(
    { tenantId: base.live.id, numberId: number.id },
    { limit: 10 },
  );
  return found!;
}

async function mark(isRead: boolean): Promise<number> {
  transactions = 0;
  const counted: typeof base.store.transaction = (work) => {
    transactions += 1;
    return base.store.transaction(work);
  };
  return markAll(counted, await conversation(), isRead, base.now);
}

it('a long conversation is marked as read and as unread in several transactions', async () => {
  const inbound = { direction: 'inbound', status: 'received', isUnread: true } as const;
  const texts = { numberId: number.id, handle: HANDLE };
  for (let n = 0; n < COUNT; n += 1) await base.insert({ ...texts, ...inbound });
  await base.insert({ ...texts, status: 'sent' });
  expect((await conversation()).unreadCount).toBe(COUNT);

  expect(await mark(true)).toBe(COUNT);
  expect(transactions).toBe(3);
  expect((await conversation()).unreadCount).toBe(0);
  expect(await mark(true)).toBe(0);

  expect(await mark(false)).toBe(COUNT);
  expect(transactions).toBe(3);
  expect((await conversation()).unreadCount).toBe(COUNT);
  expect(await mark(false)).toBe(0);
});
