/** Tests the versions of a message that actions of the owner and reports of a device edit. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyEdit } from '../../../../broker/core/messages/apply-edit.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { messageVersions } from '../../../../broker/core/model/message-edit.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let message: Message;

beforeEach(async () => {
  base = await temporaryStore();
  const number = await base.addNumber('+14155550199');
  await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 86_400_000));
  message = await base.insert({
    ...{ numberId: number.id, ownNumber: number.phoneNumber, handle: '+14155550142', content: 'first' },
    ...{ status: 'sent', sentAt: base.now() },
  });
  base.advance(1_000);
});
afterEach(() => base.close());

const current = async () => (await base.store.read.messages.find(base.live.id, message.id))!;
const edit = (content: string, isAction: boolean, at = base.now()) =>
  base.store.transaction(async (tx) => {
    const context = { now: base.now(), ids: base.ids };
    await applyEdit(tx, await current(), { kind: 'edited', at, content, isAction }, context);
  });
const act = (content: string) => edit(content, true);
const report = (content: string, at?: number) => edit(content, false, at);
const versions = async () =>
  messageVersions(await base.store.read.messageEdits.ofMessage(message.id)).map(({ content }) => content);
const edits = async () => {
  const events = await base.store.read.events.after(base.live.id, '', { maxEvents: 99, maxBytes: 1e6 });
  return events.filter(({ type }) => type === 'message.edited').length;
};

describe('an edit back to an earlier text', () => {
  it('within two minutes is a new version with an event', async () => {
    for (const content of ['X', 'Y', 'X']) {
      await act(content);
      base.advance(5_000);
    }
    expect((await current()).content).toBe('X');
    expect(await versions()).toEqual(['first', 'X', 'Y', 'X']);
    expect(await edits()).toBe(3);
  });

  it('is found when the device reports the edit between the two last', async () => {
    const at = base.now();
    await report('X', at + 2_000);
    await report('X', at);
    expect(await edits()).toBe(1);
    await report('Y', at + 1_000);
    expect((await current()).content).toBe('X');
    expect(await versions()).toEqual(['first', 'X', 'Y', 'X']);
    expect(await edits()).toBe(3);
  });
});

describe('the report of a device about the edit of an action', () => {
  it.each([-500, 0, 500])('that is %i ms later adds no version and no event', async (later) => {
    for (const content of ['X', 'Y', 'X']) {
      await act(content);
      await report(content, base.now() + later);
      await report(content, base.now() + later);
      base.advance(5_000);
    }
    expect((await current()).content).toBe('X');
    expect(await versions()).toEqual(['first', 'X', 'Y', 'X']);
    expect(await edits()).toBe(3);
  });

  it('before the report of the action adds no version and no event', async () => {
    await report('X');
    base.advance(500);
    await act('X');
    expect(await versions()).toEqual(['first', 'X']);
    expect(await edits()).toBe(1);
  });
});

it('edits in the same millisecond are versions in the order of their application', async () => {
  for (const content of ['X', 'Y', 'X', 'Z']) await act(content);
  expect((await current()).content).toBe('Z');
  expect(await versions()).toEqual(['first', 'X', 'Y', 'X', 'Z']);
  expect(await edits()).toBe(4);
});

it('edits that a device reports with the same time are versions, and their repetition changes nothing', async () => {
  const at = base.now();
  for (const content of ['X', 'Y', 'X', 'Y']) await report(content, at);
  expect((await current()).content).toBe('Y');
  expect(await versions()).toEqual(['first', 'X', 'Y']);
  expect(await edits()).toBe(2);
});
