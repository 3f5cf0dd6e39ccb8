/** Tests that the change of a group by an action and the report of a device about it are one change. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyGroupChange, ownChangeGuid } from '../../../../broker/core/groups/group-chats.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import type { GroupChange } from '../../../../broker/core/model/group-chat.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { InboundItem } from '../../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const OWN = '+14155550199';
const ADA = '+14155550100';
const EVA = 'eva@example.com';

describe('a change of a group by an action', () => {
  let base: TemporaryStore;
  let number: OwnNumber;
  let runs = 0;
  beforeAll(async () => {
    base = await temporaryStore();
    number = await base.addNumber(OWN);
    await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 86_400_000));
  });
  afterAll(() => base?.close());

  async function group() {
    runs += 1;
    const chat = `iMessage;+;chat${runs}`;
    const record = (...items: Array<Partial<InboundItem>>) =>
      base.store.transaction((tx) =>
        recordInbound(
          tx,
          { id: 'device', tenantId: base.live.id, numbers: [number] },
          items.map((item, place) => ({
            ...{
              guid: `${runs}-${base.now()}-${place}`,
              from: OWN,
              from_me: true,
              service: 'iMessage',
              text: '',
            },
            ...{ media: [], chat, sent_at: new Date(base.now()).toISOString(), ...item },
          })),
          { now: base.now(), ids: base.ids, lateMs: Number.POSITIVE_INFINITY },
        ),
      );
    await record({ text: 'hi', participants: [ADA, EVA] });
    const find = async () => (await base.store.read.groups.findByGuid(number.id, chat))!;
    const { conversationId } = await find();
    const act = async (kind: GroupChange['kind'], value: string) =>
      base.store.transaction(async (tx) => {
        const change = { guid: ownChangeGuid(base.ids()), at: base.now(), kind, actor: OWN, value };
        await applyGroupChange(tx, number, await find(), change, { now: base.now(), ids: base.ids });
      });
    const report = (kind: 'joined' | 'left' | 'renamed', value?: string, prefix = 'iMessage') => {
      const of = `${prefix};+;chat${runs}`;
      const change = { of, kind, at: new Date(base.now()).toISOString() };
      return record({ chat: of, change: value === undefined ? change : { ...change, value } });
    };
    /** A report about a time before now. `from`: the participant who made the change; default: the own number. */
    const reportOf = (agoMs: number, kind: 'joined' | 'left' | 'renamed', value: string, from?: string) => {
      const at = new Date(base.now() - agoMs).toISOString();
      const by = from === undefined ? {} : { from, from_me: false };
      return record({ ...by, sent_at: at, change: { of: chat, kind, value, at } });
    };
    const kinds = async () =>
      (await base.store.read.groups.changesOf(conversationId, 100)).map(({ kind }) => kind).toReversed();
    const names = async () =>
      (await base.store.read.groups.changesOf(conversationId, 100)).map(({ value }) => value);
    const changes = async () => {
      const events = await base.store.read.events.after(base.live.id, '', { maxEvents: 999, maxBytes: 1e7 });
      return events.flatMap(({ type, subject }) =>
        type === 'conversation.changed' && 'state' in subject && subject.conversation === conversationId
          ? [subject]
          : [],
      );
    };
    return { act, report, reportOf, find, kinds, names, changes };
  }

  it('the report after the action adds no second change, also with another prefix of the guid', async () => {
    const { act, report, find, kinds } = await group();
    base.advance(1_000);
    await act('left', EVA);
    base.advance(1_000);
    await report('left', EVA, 'any');
    await report('left', EVA, 'any');
    expect(await kinds()).toEqual(['left']);
    expect((await find()).participants).toEqual([ADA]);
  });

  it('the report before the action adds no second change', async () => {
    const { act, report, find, kinds } = await group();
    base.advance(1_000);
    await report('renamed', 'Friday');
    base.advance(1_000);
    await act('named', 'Friday');
    expect(await kinds()).toEqual(['named']);
    expect((await find()).name).toBe('Friday');
  });

  it('the last of several names in the same millisecond counts, and the changes are newest first', async () => {
    const { act, find, names, changes } = await group();
    base.advance(1_000);
    for (const name of ['B', 'A', 'C', 'A']) await act('named', name);
    expect((await find()).name).toBe('A');
    expect(await names()).toEqual(['A', 'C', 'A', 'B']);
    expect((await changes()).map(({ state }) => state?.name)).toEqual(['B', 'A', 'C', 'A']);
  });

  it('a participant that leaves and joins in the same millisecond is a member', async () => {
    const { act, find, kinds } = await group();
    base.advance(1_000);
    await act('left', EVA);
    await act('joined', EVA);
    expect((await find()).participants).toEqual([ADA, EVA]);
    expect(await kinds()).toEqual(['left', 'joined']);
  });

  it('a report that changes the state again is a change, also soon after an equal action', async () => {
    const { act, report, find, names } = await group();
    for (const name of ['Friday', 'Saturday']) {
      base.advance(1_000);
      await act('named', name);
    }
    base.advance(1_000);
    await report('renamed', 'Friday');
    expect((await find()).name).toBe('Friday');
    expect(await names()).toEqual(['Friday', 'Saturday', 'Friday']);
  });

  /** Ada made her change after the own one, whose report came late. */
  it.each<[string, ReadonlyArray<'own' | 'row' | 'hers'>]>([
    ['before both reports of the own change', ['hers', 'own', 'row']],
    ['between them', ['own', 'hers', 'row']],
    ['between them, the row first', ['row', 'hers', 'own']],
    ['after them', ['own', 'row', 'hers']],
    ['after them, the row first', ['row', 'own', 'hers']],
    ['before them, the row first', ['hers', 'row', 'own']],
  ])('a later change by a participant counts if it is reported %s', async (_, order) => {
    const { act, reportOf, find, changes } = await group();
    base.advance(20_000);
    const reports = {
      own: async () => {
        await act('named', 'Ours');
        await act('left', EVA);
      },
      row: async () => {
        await reportOf(10_000, 'renamed', 'Ours');
        await reportOf(10_000, 'left', EVA);
      },
      hers: async () => {
        await reportOf(5_000, 'renamed', 'Hers', ADA);
        await reportOf(5_000, 'joined', EVA, ADA);
      },
    };
    for (const one of order) await reports[one]();
    const { name, participants } = await find();
    expect([name, participants]).toEqual(['Hers', [ADA, EVA]]);
    expect((await changes()).at(-1)?.state).toMatchObject({ name: 'Hers', participants: [ADA, EVA] });
  });

  it('the event has the time of the change', async () => {
    const { act, find, changes } = await group();
    base.advance(1_000);
    await act('named', 'Friday');
    const [change] = await changes();
    expect(change?.state?.updatedAt).toBe(base.now());
    expect((await find()).updatedAt).toBe(base.now());
  });

  it('the same change minutes later is another one', async () => {
    const { act, report, kinds } = await group();
    await act('joined', EVA);
    base.advance(3 * 60_000);
    await report('joined', EVA);
    expect(await kinds()).toEqual(['joined', 'joined']);
  });

  it('a departure without a handle is one of the sender', async () => {
    const { report, find } = await group();
    base.advance(1_000);
    await report('left');
    expect((await find()).leftAt).toBe(base.now());
  });
});
