/** Tests that a reaction has one id in the response, in its events and in its message. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyAction } from '../../../../broker/core/messages/apply-action.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const SENDER = '+14155550142';
const SECOND = 1_000;

let base: TemporaryStore;
let number: OwnNumber;
let message: Message;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 86_400_000));
  message = await base.insert({
    ...{ numberId: number.id, ownNumber: number.phoneNumber, handle: SENDER, content: 'Hi' },
    ...{ status: 'sent', sentAt: base.now(), guid: 'message-1' },
  });
  base.advance(SECOND);
});
afterEach(() => base.close());

/** Applies a sent action. Returns its id. */
async function act(kind: 'react' | 'unreact', value = 'love', guid: string | null = null): Promise<string> {
  const id = base.ids();
  const action = { kind, messageId: message.id, part: 0, value };
  await base.store.transaction((tx) =>
    applyAction(tx, { ...message, id, guid, action }, { now: base.now(), ids: base.ids }),
  );
  return id;
}
let guids = 0;
const report = (
  kind = 'love',
  removed = false,
  change: { guid?: string; from?: string; at?: number } = {},
) => {
  const { guid = `reaction-${++guids}`, from = number.phoneNumber, at = base.now() } = change;
  const item = {
    ...{ guid, from, service: 'iMessage', text: '', media: [], from_me: from === number.phoneNumber },
    ...{ to: from === SENDER ? number.phoneNumber : SENDER, sent_at: new Date(at).toISOString() },
    reaction: { of: 'message-1', kind, removed },
  };
  const device = { id: 'device', tenantId: base.live.id, numbers: [number] };
  return base.store.transaction((tx) =>
    recordInbound(tx, device, [item], { now: base.now(), ids: base.ids, lateMs: 86_400_000 }),
  );
};
const set = async () =>
  (await base.store.read.messages.find(base.live.id, message.id))?.reactions.map(({ id, reaction }) => ({
    ...{ id, reaction },
  }));
const events = async () => {
  const found = await base.store.read.events.after(base.live.id, '', { maxEvents: 99, maxBytes: 1e6 });
  return found.flatMap(({ subject }) =>
    'message' in subject && subject.reaction !== undefined
      ? [[subject.reaction.isRemoved ? 'removed' : 'added', subject.reaction.id]]
      : [],
  );
};

it('a repeated reaction replaces the id of the first one', async () => {
  const first = await act('react');
  base.advance(SECOND);
  const second = await act('react');
  expect(await set()).toEqual([{ id: second, reaction: 'love' }]);
  expect(await events()).toEqual([
    ['added', first],
    ['added', second],
  ]);
});

it.each([-500, 0, 500])('the report of a device %i ms later keeps the id of the action', async (later) => {
  const id = await act('react');
  await report('love', false, { at: base.now() + later });
  expect(await set()).toEqual([{ id, reaction: 'love' }]);
  expect(await events()).toEqual([['added', id]]);
});

it('the message has the id of the action, also when the device reports the reaction first', async () => {
  await report('love', false, { guid: 'same' });
  base.advance(SECOND);
  const id = await act('react', 'love', 'same');
  expect(await set()).toEqual([{ id, reaction: 'love' }]);
  expect(await events()).toHaveLength(1);
});

it('the event of a removal has the id of the reaction that was added', async () => {
  const own = await act('react');
  base.advance(SECOND);
  await act('unreact');
  await report('like', false, { from: SENDER });
  base.advance(SECOND);
  await report('like', true, { from: SENDER });
  const [, , [, theirs] = []] = await events();
  expect(await events()).toEqual([
    ['added', own],
    ['removed', own],
    ['added', theirs],
    ['removed', theirs],
  ]);
  expect(await set()).toEqual([]);
});

it('a reaction on the phone soon after an equal action that was undone has an event', async () => {
  const own = await act('react');
  await report('love', false, { at: base.now() - 1 });
  base.advance(SECOND);
  await act('unreact');
  await report('love', true, { at: base.now() - 1 });
  base.advance(SECOND);
  await report();
  const [reaction] = (await set()) ?? [];
  expect(await events()).toEqual([
    ['added', own],
    ['removed', own],
    ['added', reaction?.id],
  ]);
});
