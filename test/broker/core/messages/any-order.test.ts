/**
 * Property: the items that a device reports about a group and its messages, in any order and each of them several times,
 * give the same conversation and the same events.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectChanges } from '../../../../broker/core/inbox/projections.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import type { EventSubject } from '../../../../broker/core/model/event.ts';
import { messageVersions } from '../../../../broker/core/model/message-edit.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { InboundItem } from '../../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const OWN = '+14155550199';
const ADA = '+14155550100';
const BOB = '+14155550101';
const EVA = 'eva@example.com';
const PEOPLE = [ADA, BOB, EVA];
const HOUR = 3_600_000;

let base: TemporaryStore;
let number: OwnNumber;

beforeAll(async () => {
  base = await temporaryStore();
  number = await base.addNumber(OWN);
  await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 1_000 * HOUR));
});
afterAll(() => base?.close());

type Step =
  | { kind: 'message'; from: number; replyTo: number }
  | { kind: 'react'; on: number; from: number; reaction: string; part: number; isRemoved: boolean }
  | { kind: 'edit'; on: number; text: string }
  | { kind: 'unsend' | 'read'; on: number }
  | { kind: 'joined' | 'left'; who: number }
  | { kind: 'renamed'; name: string };

const index = fc.nat({ max: 3 });
const person = fc.nat({ max: PEOPLE.length });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('message' as const), from: person, replyTo: index }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('react' as const),
      ...{ on: index, from: person, part: fc.nat({ max: 1 }), isRemoved: fc.boolean() },
      reaction: fc.constantFrom('love', 'like', '🎉'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant('edit' as const), on: index, text: fc.constantFrom('A', 'B') },
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('unsend' as const, 'read'), on: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('joined' as const, 'left'), who: person }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('renamed' as const), name: fc.constantFrom('A', 'B') }),
  },
);

let runs = 0;

/** The own number is the last person. */
const handleOf = (who: number) => PEOPLE[who] ?? OWN;

/** Converts the steps to items, one second after each other. A step about a message that does not exist is left out. */
function itemsOf(run: string, steps: readonly Step[], startsAt: number): InboundItem[] {
  const chat = `iMessage;+;chat${run}`;
  const guids: string[] = [];
  return steps.flatMap((one, place): InboundItem[] => {
    const at = new Date(startsAt + place * 1_000).toISOString();
    const guid = `${run}-${place}`;
    const item = (who: number, more: Partial<InboundItem>): InboundItem => ({
      ...{ guid, service: 'iMessage', text: '', media: [], sent_at: at, chat },
      ...(who >= PEOPLE.length
        ? { from: OWN, from_me: true }
        : { from: handleOf(who), to: OWN, from_me: false }),
      ...more,
    });
    if (one.kind === 'message') {
      const reply_to = guids[one.replyTo];
      guids.push(guid);
      return [item(one.from, { text: `text ${place}`, ...(reply_to === undefined ? {} : { reply_to }) })];
    }
    if (one.kind === 'renamed')
      return [item(0, { change: { of: chat, kind: one.kind, at, value: `${one.name}${place}` } })];
    if ('who' in one) {
      return [item(0, { change: { of: chat, kind: one.kind, at, value: handleOf(one.who) } })];
    }
    const of = guids[one.on];
    if (of === undefined) return [];
    if (one.kind === 'react') {
      const reaction = { of, kind: one.reaction, removed: one.isRemoved, part: one.part };
      return [item(one.from, { reaction })];
    }
    const kinds = { edit: 'edited', unsend: 'retracted', read: 'read' } as const;
    const text = one.kind === 'edit' ? one.text : '';
    return [item(0, { change: { of, kind: kinds[one.kind], at }, text })];
  });
}

async function record(items: readonly InboundItem[]): Promise<void> {
  const device = { id: 'device', tenantId: base.live.id, numbers: [number] };
  await base.store.transaction((tx) =>
    recordInbound(tx, device, items, { now: base.now(), ids: base.ids, lateMs: Number.POSITIVE_INFINITY }),
  );
  await base.store.transaction((tx) => projectChanges(tx, 1_000, base.context()));
}

/** Returns everything that a client can see of the run, with the names of the run removed. */
async function stateOf(run: string, after: string) {
  const { read } = base.store;
  const group = await read.groups.findByGuid(number.id, `iMessage;+;chat${run}`);
  const guidOf = async (id: string | null) => {
    const message = id === null ? undefined : await read.messages.find(base.live.id, id);
    return message?.guid?.replace(run, '') ?? null;
  };
  const key = { tenantId: base.live.id, numberId: number.id, recipient: group?.chat ?? '', isGroup: true };
  const thread = group === undefined ? [] : await read.messages.thread(key, { limit: 100 });
  const messages = await Promise.all(
    thread.map(async (one) => ({
      ...{
        guid: one.guid?.replace(run, ''),
        content: one.content,
        editedAt: one.editedAt,
        handle: one.chat === one.handle,
      },
      ...{ retractedAt: one.retractedAt, readAt: one.readAt, isUnread: one.isUnread },
      replyTo: one.replyTo && (await guidOf(one.replyTo.messageId)),
      reactions: one.reactions.map(({ id: _, ...reaction }) => reaction),
      versions: messageVersions(await read.messageEdits.ofMessage(one.id)).map(({ kind, at, content }) => ({
        kind,
        at,
        content,
      })),
    })),
  );
  const conversation = group && (await read.conversations.find(base.live.id, group.conversationId));
  const changes = group === undefined ? [] : await read.groups.changesOf(group.conversationId, 100);
  const events = await read.events.after(base.live.id, after, { maxEvents: 1_000, maxBytes: 10_000_000 });
  return {
    group: group && { name: group.name, participants: group.participants, leftAt: group.leftAt },
    counts: conversation && { total: conversation.totalCount, unread: conversation.unreadCount },
    messages: messages.toSorted((a, b) => String(a.guid).localeCompare(String(b.guid))),
    changes: changes.map(({ guid, ...change }) => ({ ...change, guid: guid.replaceAll(run, '') })),
    events: events
      .filter(({ type }) => !type.startsWith('conversation.') || type === 'conversation.changed')
      .map(({ type, subject }) => `${type} ${aboutOf(subject, run)}`)
      .toSorted(),
  };
}

function aboutOf(subject: EventSubject, run: string): string {
  if ('message' in subject) {
    const { reaction } = subject;
    const detail =
      reaction && `${reaction.handle} ${reaction.reaction} ${reaction.part} ${reaction.isRemoved}`;
    return `${subject.message.guid?.replace(run, '')} ${detail ?? ''}`;
  }
  return 'change' in subject ? JSON.stringify({ ...subject.change, guid: '' }) : '';
}

it('reported twice and in any order, items give the same conversation and the same events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      async (steps, order) => {
        const startsAt = base.now();
        base.advance(HOUR);
        const states = [];
        for (const isShuffled of [false, true]) {
          const run = `r${++runs}x`;
          const after = base.ids();
          const items = itemsOf(run, steps, startsAt);
          if (isShuffled) {
            const twice = [...items, ...items]
              .map((item, place) => ({ item, key: order[place % order.length]! }))
              .toSorted((a, b) => a.key - b.key)
              .map(({ item }) => item);
            // Some reports arrive together, others alone.
            for (let from = 0; from < twice.length; ) {
              const count = 1 + (order[from % order.length]! % 4);
              await record(twice.slice(from, from + count));
              from += count;
            }
          } else for (const item of items) await record([item]);
          states.push(await stateOf(run, after));
        }
        expect(states[1]).toEqual(states[0]);
      },
    ),
    { numRuns: process.env.HOMING_TEST_ENGINE === 'postgres' ? 30 : 100 },
  );
});
