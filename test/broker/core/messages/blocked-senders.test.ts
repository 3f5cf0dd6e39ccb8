/** Tests that messages of a blocked sender are stored and have no other effect. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSenderRule, updateSenderRule } from '../../../../broker/core/contacts/sender-rules.ts';
import { projectChanges } from '../../../../broker/core/inbox/projections.ts';
import { importHistory } from '../../../../broker/core/messages/import-history.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import { conversationId } from '../../../../broker/core/model/conversation.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { SenderRuleAction } from '../../../../broker/core/model/sender-rule.ts';
import type { InboundItem } from '../../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const SPAMMER = '+14155550142';
const FRIEND = '+14155550143';
const CHAT = 'iMessage;+;chat1';

let base: TemporaryStore;
let number: OwnNumber;
let device: { id: string; tenantId: number; numbers: OwnNumber[] };

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  device = { id: base.ids(), tenantId: base.live.id, numbers: [number] };
  await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 86_400_000));
});
afterEach(() => base.close());

const rule = (handle: string, action: SenderRuleAction = 'block') =>
  base.store.transaction((tx) =>
    createSenderRule(tx, { tenantId: base.live.id, handle, action }, base.context()),
  );
let guids = 0;
function item(text: string, change: Partial<InboundItem> = {}): InboundItem {
  guids += 1;
  return {
    ...{ guid: `guid-${guids}`, from: SPAMMER, to: number.phoneNumber, service: 'iMessage', text, media: [] },
    ...{ from_me: false, sent_at: new Date(base.now()).toISOString() },
    ...change,
  };
}
async function receive(text: string, change: Partial<InboundItem> = {}) {
  const [message] = await base.store.transaction((tx) =>
    recordInbound(tx, device, [item(text, change)], { ...base.context(), lateMs: 86_400_000 }),
  );
  await base.store.transaction((tx) => projectChanges(tx, 100, base.context()));
  return message;
}
const listed = (isBlocked?: boolean) =>
  base.store.read.messages.list(base.live.id, { limit: 100, isBlocked });
const events = async () =>
  (await base.store.read.events.after(base.live.id, '', { maxEvents: 100, maxBytes: 1_000_000 })).map(
    ({ type }) => type,
  );
const conversation = (recipient: string) =>
  base.store.read.conversations.find(base.live.id, conversationId({ numberId: number.id, recipient }));

describe('a message of a blocked sender', () => {
  beforeEach(() => rule(SPAMMER));

  it('is stored as read, and is in no list, count or search', async () => {
    const blocked = await receive('Buy now');
    expect(blocked).toMatchObject({ isBlocked: true, isUnread: false, deletedAt: base.now() });
    expect(await base.store.read.messages.find(base.live.id, blocked!.id)).toEqual(blocked);
    expect(await listed()).toEqual([]);
    expect(await listed(true)).toEqual([blocked]);
    expect(await conversation(SPAMMER)).toBeUndefined();
    const { read } = base.store;
    const filter = { limit: 10 };
    expect(await read.messages.texts(base.live.id, number.id, filter)).toEqual([]);
    expect((await read.messages.browse(base.live.id, { handle: SPAMMER }, filter)).messages).toEqual([]);
    expect((await read.search.messages(base.live.id, 'buy', {}, filter)).messages).toEqual([]);
    expect(await read.search.find(base.live.id, number.id, [['buy']], 10)).toEqual([]);
  });

  it('causes no event and no opt-out', async () => {
    await receive('STOP');
    expect(await events()).toEqual([]);
    expect(await base.store.read.suppressions.has(base.live.id, SPAMMER)).toBe(false);
  });

  it('is not in a group either, whose other messages are', async () => {
    await receive('Hello', { from: FRIEND, chat: CHAT });
    await receive('Buy now', { chat: CHAT });
    expect((await listed()).map(({ content }) => content)).toEqual(['Hello']);
    expect(await conversation(CHAT)).toMatchObject({ totalCount: 1, unreadCount: 1 });
    expect((await listed(true)).map(({ content }) => content)).toEqual(['Buy now']);
    expect(await events()).toEqual(['message.received', 'conversation.created']);
  });

  it('that was imported is blocked too', async () => {
    await base.store.transaction((tx) =>
      importHistory(tx, device, [{ ...item('Earlier'), failed: false }], base.context()),
    );
    expect(await listed()).toEqual([]);
    expect(await listed(true)).toMatchObject([{ content: 'Earlier', isBlocked: true }]);
  });

  it('causes no event when it is edited or unsent', async () => {
    await receive('Buy now', { guid: 'spam' });
    const at = new Date(base.now() + 1_000).toISOString();
    await receive('Buy later', { change: { of: 'spam', kind: 'edited', at } });
    await receive('', { change: { of: 'spam', kind: 'retracted', at } });
    expect(await events()).toEqual([]);
    expect(await listed(true)).toMatchObject([{ content: '', editedAt: expect.any(Number) }]);
  });
});

describe('a sender that was blocked after its first message', () => {
  beforeEach(async () => {
    await receive('Hello', { guid: 'first' });
    await rule(SPAMMER);
  });

  it('causes no event by an edit or a reaction', async () => {
    const before = await events();
    const at = new Date(base.now() + 1_000).toISOString();
    await receive('Hello again', { change: { of: 'first', kind: 'edited', at } });
    await receive('', { reaction: { of: 'first', kind: 'love' } });
    expect(await events()).toEqual(before);
    await receive('', { from: FRIEND, reaction: { of: 'first', kind: 'like' } });
    expect(await events()).toEqual([...before, 'message.reaction']);
  });

  it('keeps the earlier messages in the inbox', async () => {
    await receive('Buy now');
    expect((await listed()).map(({ content }) => content)).toEqual(['Hello']);
    expect(await conversation(SPAMMER)).toMatchObject({ totalCount: 1, unreadCount: 1 });
  });
});

describe('a sender rule', () => {
  it('that allows has no effect, and a rule that was changed to block has one', async () => {
    const { id } = await rule(SPAMMER, 'allow');
    expect(await receive('Hello')).toMatchObject({ isBlocked: false, isUnread: true });
    await base.store.transaction((tx) => updateSenderRule(tx, base.live.id, id, 'block', base.now()));
    expect(await receive('Hello')).toMatchObject({ isBlocked: true });
    await base.store.transaction((tx) => tx.senderRules.remove(base.live.id, id));
    expect(await receive('Hello')).toMatchObject({ isBlocked: false });
  });

  it('of another sender does not block', async () => {
    await rule(FRIEND);
    expect(await receive('Hello')).toMatchObject({ isBlocked: false });
  });

  it('is limited to 10,000 for each tenant', async () => {
    await base.store.transaction(async (tx) => {
      for (let index = 0; index < 10_000; index += 1) {
        const handle = `+1415${String(index).padStart(7, '0')}`;
        const times = { createdAt: 0, updatedAt: 0 };
        const one = { id: base.ids(), tenantId: base.live.id, handle, action: 'block', ...times } as const;
        await tx.senderRules.insert(one);
      }
    });
    await expect(rule(SPAMMER)).rejects.toThrow(/has 10000 sender rules, the maximum/);
  });
});
