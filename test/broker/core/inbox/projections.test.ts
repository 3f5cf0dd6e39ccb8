import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateText } from '../../../../broker/core/inbox/inbox.ts';
import { Projector } from '../../../../broker/core/inbox/projector.ts';
import { markAll } from '../../../../broker/core/inbox/read-marks.ts';
import { searchPhrases } from '../../../../broker/core/inbox/search-words.ts';
import { purgeHistory } from '../../../../broker/core/messages/retention.ts';
import {
  type Conversation,
  conversationId,
  conversationOf,
} from '../../../../broker/core/model/conversation.ts';
import type { Message, MessageStatus } from '../../../../broker/core/model/message.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let number: OwnNumber;
let projector: Projector;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  projector = new Projector({ store: base.store, context: base.context });
});
afterEach(() => base.close());

const ANNA = '+14155550100';
const BEN = '+14155550101';

const insert = (change: Partial<Message>) => base.insert({ numberId: number.id, ...change });
const received = (handle: string, content: string, change: Partial<Message> = {}) =>
  insert({ direction: 'inbound', status: 'received', isUnread: true, handle, content, ...change });
const conversations = async () => {
  await projector.catchUp();
  return base.store.read.conversations.list({ tenantId: base.live.id, numberId: number.id }, { limit: 100 });
};
const search = async (query: string, limit = 50) => {
  await projector.catchUp();
  const found = await base.store.read.search.find(base.live.id, number.id, searchPhrases(query), limit);
  return found.map(({ content }) => content);
};

describe('conversations', () => {
  it('a conversation contains the latest message in either direction and the unread count', async () => {
    await received(ANNA, 'Hi');
    await received(BEN, 'Hello');
    await insert({ handle: ANNA, content: 'Hi Anna' });
    const [first, second] = await conversations();
    expect(first).toMatchObject({
      recipient: ANNA,
      latest: { content: 'Hi Anna' },
      unreadCount: 1,
      totalCount: 2,
    });
    expect(second).toMatchObject({
      recipient: BEN,
      latest: { content: 'Hello' },
      unreadCount: 1,
      totalCount: 1,
    });
  });

  it('the conversation of a group is separate from the conversations with its participants', async () => {
    const chat = 'iMessage;+;chat42';
    await received(ANNA, 'just you');
    await received(ANNA, 'all', { chat });
    await received(BEN, 'of you', { chat });
    const [group, single] = await conversations();
    expect(group).toMatchObject({ recipient: chat, isGroup: true, participants: [ANNA, BEN], totalCount: 2 });
    expect(single).toMatchObject({ recipient: ANNA, isGroup: false, totalCount: 1 });
    const thread = await base.store.read.messages.thread(group!, { limit: 10 });
    expect(thread.map(({ content }) => content)).toEqual(['of you', 'all']);
  });

  it('a conversation shows the previous text when the latest is deleted, and disappears without texts', async () => {
    const first = await received(ANNA, 'one');
    const second = await received(ANNA, 'two');
    for (const [message, latest] of [
      [second, 'one'],
      [first, undefined],
    ] as const) {
      await base.store.transaction((tx) =>
        updateText(tx, base.live.id, number.id, message.id, { isDeleted: true }, base.context()),
      );
      expect((await conversations())[0]?.latest?.content).toBe(latest);
    }
  });

  it('a conversation sorts an imported message by its send time', async () => {
    await received(ANNA, 'today');
    const old = await received(ANNA, 'long ago', { id: '01h00000000000000000000000', createdAt: 1 });
    const [only] = await conversations();
    expect(only).toMatchObject({ totalCount: 2, latest: { content: 'today' } });
    expect(await search('long')).toEqual([old.content]);
  });
});

describe('Search', () => {
  it.each([
    ['meeting', ['the meeting tomorrow']],
    ['MEETING tomorrow', ['the meeting tomorrow']],
    ['tomorrow meeting', ['the meeting tomorrow']],
    ['"tomorrow meeting"', []],
    ['"meeting tomorrow"', ['the meeting tomorrow']],
    ['cafe', ['Café au lait']],
    ['☕', ['Coffee ☕️ later?']],
    ['東京', ['明日は東京で']],
    ['京東', []],
    ['привет', ['Привет всем']],
    ["it's", ["it's fine"]],
    ['NEAR(a b)', []],
    ['meet*', []],
    ['a:b OR c', []],
    ['"', []],
    ['', []],
  ])('for %j returns %j', async (query, found) => {
    for (const content of [
      'the meeting tomorrow',
      'Café au lait',
      'Coffee ☕️ later?',
      '明日は東京で',
      'Привет всем',
      "it's fine",
    ]) {
      await received(ANNA, content);
    }
    if (searchPhrases(query).length === 0) expect(found).toEqual([]);
    else expect(await search(query)).toEqual(found);
  });

  it('returns the best match first', async () => {
    await received(ANNA, 'pizza');
    await received(ANNA, 'a long text about very many things, and at its end also pizza');
    await received(ANNA, 'pizza');
    await received(ANNA, 'pizza pizza pizza');
    await received(ANNA, 'pasta');
    const found = await search('pizza');
    expect(found[0]).toBe('pizza pizza pizza');
    expect(found.slice(1)).toEqual(['pizza', 'pizza', expect.stringMatching(/^a long/)]);
    expect(await search('pizza', 2)).toHaveLength(2);
  });

  it('excludes texts of other numbers and deleted texts', async () => {
    const other = await base.addNumber('+14155550198');
    await received(ANNA, 'secret', { numberId: other.id });
    const own = await received(ANNA, 'secret too');
    expect(await search('secret')).toEqual(['secret too']);
    await base.store.transaction((tx) =>
      updateText(tx, base.live.id, number.id, own.id, { isDeleted: true }, base.context()),
    );
    expect(await search('secret')).toEqual([]);
  });

  it('accepts any query text', async () => {
    await received(ANNA, 'x');
    await projector.catchUp();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })),
        async (query) => {
          const phrases = searchPhrases(query);
          if (phrases.length > 0) await base.store.read.search.find(base.live.id, number.id, phrases, 5);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('pages with an offset', () => {
  const pageAt = async (offset: number) => {
    await projector.catchUp();
    return (await base.store.read.messages.texts(base.live.id, number.id, { limit: 7, offset })).map(
      ({ id }) => id,
    );
  };

  it('a page equals a slice of the whole list, including queued texts and excluding deleted ones', async () => {
    const inserts: Array<Promise<Message>> = [];
    for (let index = 0; index < 3_000; index += 1) {
      base.advance([0, 1, 40_000, 2_000_000][index % 7] ?? 3);
      inserts.push(index % 3 === 0 ? insert({ handle: ANNA }) : received(ANNA, 'x'));
    }
    const all = (await Promise.all(inserts)).map(({ id }) => id).reverse();
    await projector.catchUp();
    for (const index of [2_900, 1_500, 600, 3]) {
      const [id] = all.splice(index, 1);
      await base.store.transaction((tx) =>
        updateText(tx, base.live.id, number.id, id!, { isDeleted: true }, base.context()),
      );
    }
    const [conversation] = await conversations();
    expect(conversation!.totalCount).toBe(2_996);
    for (const offset of [0, 3, 499, 500, 501, 1_000, 1_777, 2_400, 2_990, 2_995, 2_996, 5_000]) {
      expect(await pageAt(offset)).toEqual(all.slice(offset, offset + 7));
      const thread = await base.store.read.messages.thread(conversation!, { limit: 7, offset });
      expect(thread.map(({ id }) => id)).toEqual(all.slice(offset, offset + 7));
    }
    await received(ANNA, 'newest');
    expect((await pageAt(1_001)).length).toBe(7);
    expect(await pageAt(1_001)).toEqual(all.slice(1_000, 1_007));
  });
});

/** Computes the conversations from all messages. */
async function expectedConversations(): Promise<
  Map<string, Pick<Conversation, 'unreadCount' | 'totalCount'> & { latest: string }>
> {
  const messages = await base.store.read.messages.list(base.live.id, { limit: 10_000 });
  const shown = messages.filter(({ deletedAt }) => deletedAt === null);
  const byConversation = Map.groupBy(shown, (message) => conversationId(conversationOf(message)));
  return new Map(
    [...byConversation].map(([id, own]) => [
      id,
      {
        latest: own
          .map((message) => message.id)
          .sort()
          .at(-1)!,
        totalCount: own.length,
        unreadCount: own.filter(({ isUnread }) => isUnread).length,
      },
    ]),
  );
}

const HANDLES = [ANNA, BEN, 'anna@example.org'];
const STATUSES: readonly MessageStatus[] = ['sent', 'delivered', 'failed'];
const handles = fc.constantFrom(...HANDLES);
const action = fc.oneof(
  fc.record({ do: fc.constant('receive' as const), handle: handles, inGroup: fc.boolean() }),
  fc.record({ do: fc.constant('send' as const), handle: handles }),
  fc.record({ do: fc.constant('report' as const), pick: fc.nat(), status: fc.constantFrom(...STATUSES) }),
  fc.record({ do: fc.constant('mark' as const), pick: fc.nat(), isRead: fc.boolean() }),
  fc.record({ do: fc.constant('markAll' as const), pick: fc.nat(), isRead: fc.boolean() }),
  fc.record({ do: fc.constant('delete' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('catchUp' as const) }),
  fc.record({ do: fc.constant('purge' as const) }),
);

it('projections equal a computation from all messages after any sequence of changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
      await base.close();
      base = await temporaryStore();
      number = await base.addNumber('+14155550199');
      projector = new Projector({ store: base.store, context: base.context });
      const { store, live } = base;
      const pickText = async (pick: number) => {
        const all = await store.read.messages.list(live.id, { limit: 1_000 });
        const shown = all.filter(({ deletedAt }) => deletedAt === null);
        return shown.length === 0 ? undefined : shown[pick % shown.length];
      };
      for (const step of actions) {
        base.advance(1_000);
        if (step.do === 'receive') {
          await received(step.handle, 'word', step.inGroup ? { chat: 'iMessage;+;chat1' } : {});
          continue;
        }
        if (step.do === 'send') {
          await insert({ handle: step.handle, content: 'word' });
          continue;
        }
        if (step.do === 'catchUp') {
          await projector.catchUp();
          continue;
        }
        if (step.do === 'purge') {
          await purgeHistory(store, base.now() - 10_000, base.context());
          continue;
        }
        const message = await pickText(step.pick);
        if (message === undefined) continue;
        await store.transaction(async (tx) => {
          if (step.do === 'report' && message.direction === 'outbound') {
            const entry = { at: base.now(), kind: 'sent', status: step.status, detail: null } as const;
            await tx.messages.record({ ...message, status: step.status }, entry);
          }
          if (step.do === 'mark') {
            await updateText(tx, live.id, number.id, message.id, { isRead: step.isRead }, base.context());
          }
          if (step.do === 'markAll') {
            await markAll((work) => work(tx), conversationOf(message), step.isRead, base.now);
          }
          if (step.do === 'delete') {
            await updateText(tx, live.id, number.id, message.id, { isDeleted: true }, base.context());
          }
        });
      }
      const projected = new Map(
        (await conversations()).map(({ id, latest, unreadCount, totalCount }) => [
          id,
          { latest: latest!.id, totalCount, unreadCount },
        ]),
      );
      expect(projected).toEqual(await expectedConversations());
      const usage = await store.read.billing.usage(live.id, '2026-11');
      const all = await store.read.messages.list(live.id, { limit: 1_000 });
      for (const message of all.filter(({ deletedAt }) => deletedAt === null)) {
        expect(await search('word', 1_000)).toHaveLength(
          all.filter(({ deletedAt }) => deletedAt === null).length,
        );
        expect(message.content).toBe('word');
        break;
      }
      const counted = usage.reduce((sum, { messages }) => sum + messages, 0);
      expect(counted).toBe(actions.filter((step) => step.do === 'send').length);
      for (const { messages } of usage) expect(messages).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 30 },
  );
});
