/** Tests the searches with the filters, pages and limits that both engines have in common. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Projector } from '../../../broker/core/inbox/projector.ts';
import { searchPhrases } from '../../../broker/core/inbox/search-words.ts';
import { conversationId } from '../../../broker/core/model/conversation.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import type { OwnNumber } from '../../../broker/core/model/number.ts';
import type { ConversationFilter, MessageBrowseFilter } from '../../../broker/core/ports/inbox.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const ANNA = '+14155550100';
const BEN = '+14155550101';
const GROUP = 'iMessage;+;chat42';
const DAY_MS = 86_400_000;

let base: TemporaryStore;
let number: OwnNumber;
let other: OwnNumber;

async function open() {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  other = await base.addNumber('+14155550198');
}
async function catchUp() {
  const projector = new Projector({ store: base.store, context: base.context });
  while (await base.store.read.projections.isBehind()) await projector.catchUp();
}
const received = (content: string, change: Partial<Message> = {}) =>
  base.insert({
    ...{ numberId: number.id, direction: 'inbound', status: 'received', handle: ANNA, content },
    ...change,
  });
const pageOf = (text: string, filter: MessageBrowseFilter = {}, limit = 50, before?: string) =>
  base.store.read.search.messages(base.live.id, text, filter, { limit, before });
const found = async (text: string, filter: MessageBrowseFilter = {}) =>
  (await pageOf(text, filter)).messages.map(({ content }) => content);
const ranked = async (text: string, limit = 50) => {
  const hits = await base.store.read.search.find(base.live.id, number.id, searchPhrases(text), limit);
  return hits.map(({ content }) => content);
};

describe('a search of messages', () => {
  let second: Message;
  beforeAll(async () => {
    await open();
    await received('dinner on Friday');
    base.advance(DAY_MS);
    second = await received('Dinner on Saturday', { handle: BEN });
    base.advance(DAY_MS);
    await received('dinner of all', { numberId: other.id, chat: GROUP });
    await base.insert({ numberId: number.id, handle: BEN, status: 'sent', content: 'no dinner' });
    await base.insert({ numberId: number.id, handle: BEN, status: 'queued', content: 'dinners, Café' });
    await catchUp();
  });
  afterAll(() => base.close());

  it.each<[string, MessageBrowseFilter, string[]]>([
    ['dinner', {}, ['dinners, Café', 'no dinner', 'dinner of all', 'Dinner on Saturday', 'dinner on Friday']],
    ['dinner ', {}, ['no dinner', 'dinner of all', 'Dinner on Saturday', 'dinner on Friday']],
    ['"dinner"', { direction: 'outbound' }, ['no dinner']],
    ['dinner', { handle: BEN, direction: 'inbound' }, ['Dinner on Saturday']],
    ['dinner', { status: 'queued' }, ['dinners, Café']],
    ['din on', {}, []],
    ['on din', {}, ['Dinner on Saturday', 'dinner on Friday']],
    ['"on sat', {}, ['Dinner on Saturday']],
    ['"on saturday"', {}, ['Dinner on Saturday']],
    ['"saturday on"', {}, []],
    ['caf', {}, ['dinners, Café']],
    ['d', {}, []],
    ['!?', {}, []],
  ])('%j with %j returns %j', async (text, filter, expected) => {
    expect(await found(text, filter)).toEqual(expected);
  });

  it('finds the messages of one number, and none of an unknown one', async () => {
    expect(await found('dinner', { numberId: other.id })).toEqual(['dinner of all']);
    expect(await found('dinner', { numberId: 'unknown' })).toEqual([]);
    expect(await base.store.read.search.messages(base.live.id + 1, 'dinner', {}, { limit: 5 })).toEqual({
      messages: [],
      next: undefined,
    });
  });

  it('finds the messages of a period', async () => {
    const { createdAt } = second;
    expect(await found('dinner', { since: createdAt, until: createdAt + 1 })).toEqual(['Dinner on Saturday']);
    expect(await found('dinner', { until: createdAt })).toEqual(['dinner on Friday']);
    expect(await found('dinner', { since: createdAt + 1, until: createdAt })).toEqual([]);
  });

  it('returns pages that continue after the last message', async () => {
    const contents: string[] = [];
    let next: string | undefined;
    do {
      const page = await pageOf('dinner', {}, 2, next);
      contents.push(...page.messages.map(({ content }) => content));
      next = page.next;
    } while (next !== undefined);
    expect(contents).toEqual(await found('dinner'));
  });

  it('omits a message that was removed from the index, and finds its new words', async () => {
    const message = await received('walrus');
    await catchUp();
    await base.store.transaction(async (tx) => {
      await tx.search.remove(message);
      await tx.search.insert(message, ['seal']);
    });
    expect([await found('walrus '), await found('seal')]).toEqual([[], ['walrus']]);
  });
});

describe('a search of conversations', () => {
  const conversation = (recipient: string, of = number) => conversationId({ numberId: of.id, recipient });
  const search = async (text: string, filter: Partial<ConversationFilter> = {}, limit = 10) => {
    const of = { tenantId: base.live.id, ...filter };
    return (await base.store.read.search.conversations(of, text, { limit })).map(({ id }) => id);
  };
  let withAnna: string;
  let withBen: string;
  let group: string;
  let elsewhere: string;

  beforeAll(async () => {
    await open();
    const contact = (handle: string, name: string) =>
      base.store.transaction((tx) =>
        tx.contacts.insert({
          ...{ id: base.ids(), tenantId: base.live.id, handle, name, email: null, customFields: {} },
          ...{ createdAt: base.now(), updatedAt: base.now() },
        }),
      );
    await contact(ANNA, 'Ánna Ünlü');
    await contact(BEN, 'Ben STONE');
    await contact('ben_two@example.org', 'İpek 東京');
    await received('about cheese', { isUnread: true });
    await received('cheese again', { handle: BEN });
    await received('wine', { handle: BEN, chat: GROUP });
    await received('bread', { handle: 'ben_two@example.org', numberId: other.id });
    await catchUp();
    [withAnna, withBen, group] = [conversation(ANNA), conversation(BEN), conversation(GROUP)];
    elsewhere = conversation('ben_two@example.org', other);
  });
  afterAll(() => base.close());

  it('finds the words of messages, with the newest message', async () => {
    const of = { tenantId: base.live.id };
    const hits = await base.store.read.search.conversations(of, 'cheese', { limit: 10 });
    const [ben, anna] = await Promise.all(
      hits.map(
        async ({ messageId }) => (await base.store.read.messages.find(base.live.id, messageId!))?.content,
      ),
    );
    expect(hits.map(({ id }) => id)).toEqual([withBen, withAnna]);
    expect([ben, anna]).toEqual(['cheese again', 'about cheese']);
    expect(await search('cheese', {}, 1)).toEqual([withBen]);
    expect(await search('cheese', { only: 'unread' })).toEqual([withAnna]);
    expect(await search('bread', { numberId: number.id })).toEqual([]);
    expect(await search('bread', { numberId: other.id })).toEqual([elsewhere]);
    expect(await search('cheese', { tenantId: base.live.id + 1 })).toEqual([]);
  });

  it('finds names of contacts, ignoring case and accents, and groups with the contact', async () => {
    expect(await search('anna u')).toEqual([withAnna]);
    expect(await search('ÜNLÜ')).toEqual([withAnna]);
    expect(await search('n stone')).toEqual([group, withBen]);
    expect(await search('stone', { only: 'groups' })).toEqual([group]);
    expect(await search('東京')).toEqual([elsewhere]);
    expect(await search('ipek')).toEqual([elsewhere]);
    expect(await search('st_ne')).toEqual([]);
    expect(await search('%')).toEqual([]);
  });

  it('finds parts of handles', async () => {
    expect(await search('(415) 555-0100')).toEqual([withAnna]);
    expect(await search('0101')).toEqual([group, withBen]);
    expect(await search('BEN_TWO@')).toEqual([elsewhere]);
    expect(await search('benxtwo')).toEqual([]);
    expect(await search('01')).toEqual([]);
  });
});

describe('a search of long texts', () => {
  beforeEach(open);
  afterEach(() => base.close());

  it('finds a word of any length, and its beginning', async () => {
    const long = 'pneumono'.repeat(1_000);
    await received(`${long} fits`);
    await received(`${long}x fits`);
    await received('東'.repeat(5_000));
    await catchUp();
    expect((await ranked(long)).map(({ length }) => length)).toEqual([long.length + 5]);
    expect((await ranked(`"${long} fits"`)).map(({ length }) => length)).toEqual([long.length + 5]);
    expect(await found(long.slice(0, 50))).toHaveLength(2);
    expect(await ranked('東'.repeat(5_000))).toHaveLength(1);
    expect(await ranked('東'.repeat(5_001))).toEqual([]);
  });

  it('finds words and phrases behind 16,383 words, and no phrase that is not there', async () => {
    const text = `${Array.from({ length: 20_000 }, (_, index) => `w${index}`).join(' ')} red apple`;
    await received(text);
    await received(`${'the red '.repeat(400)}green apple`);
    await catchUp();
    expect(await ranked('apple')).toHaveLength(2);
    const lengths = async (query: string) => (await ranked(query)).map(({ length }) => length);
    expect(await lengths('"red apple"')).toEqual([text.length]);
    expect(await lengths('"w19999 red apple"')).toEqual([text.length]);
    expect(await ranked('"green apple"')).toHaveLength(1);
    expect(await ranked('"w2 w1"')).toEqual([]);
    expect(await found('"w19998 w19999" ')).toHaveLength(1);
    expect(await found('"apple red" w1')).toEqual([]);
  });

  it('accepts a text of one megabyte', async () => {
    const words = Array.from({ length: 131_072 }, (_, index) => `w${index.toString(36).padStart(6, '0')}`);
    await received(words.join(' '));
    await received('ﷺ'.repeat(50_000));
    await received('x'.repeat(1_048_576));
    await catchUp();
    expect(await found(`${words.at(-1)} `)).toHaveLength(1);
    expect(await found(`"${words.slice(-3).join(' ')}"`)).toHaveLength(1);
    expect(await found('xxx')).toHaveLength(1);
    expect(await found('xxy')).toEqual([]);
  });
});
