/** Tests the full-text search of a number: matches, order, limits and special characters. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, type PairedInbox, pairedInbox } from '../../support/inbox.ts';

const ANNA = '+14155550100';

let homing: RunningBroker;
let inbox: PairedInbox;

beforeAll(async () => {
  homing = await startInProcess();
  inbox = await pairedInbox(homing, '+14155556301');
});
afterAll(() => homing?.dispose());

const found = async (q: string, more?: string) => (await inbox.search(q, more)).map(({ text }) => text);

describe('GET /numbers/:id/texts/search', () => {
  it('finds inbound and outbound texts with all words, ignoring case and accents', async () => {
    await inbox.receive({ from: ANNA, text: 'Dinner at the Café on Friday?' });
    await inbox.send({ to: ANNA, text: 'No dinner on Fridays' });
    expect(await found('cafe')).toEqual(['Dinner at the Café on Friday?']);
    expect(await found('DINNER')).toHaveLength(2);
    expect(await found('friday dinner')).toEqual(['Dinner at the Café on Friday?']);
    expect(await found('dinner lunch')).toEqual([]);
    expect(await found('"on friday"')).toEqual(['Dinner at the Café on Friday?']);
    expect(await found('"friday on"')).toEqual([]);
    expect(await found('din')).toEqual([]);
  });

  it('returns texts with the same fields as the other operations', async () => {
    const [text] = await inbox.search('cafe');
    expect(text).toEqual((await inbox.request('GET', `/${text!.id}`)).body);
  });

  it('returns the best match first, and equal matches newest first', async () => {
    await inbox.receive(
      { from: ANNA, text: 'banana banana banana' },
      { from: ANNA, text: 'a banana lies among very many other things that are no fruit at all' },
      { from: ANNA, text: 'banana split' },
      { from: ANNA, text: 'banana bread' },
    );
    expect(await found('banana')).toEqual([
      'banana banana banana',
      'banana bread',
      'banana split',
      'a banana lies among very many other things that are no fruit at all',
    ]);
    expect(await found('banana', '&limit=2')).toEqual(['banana banana banana', 'banana bread']);
  });

  it('returns 50 texts by default', async () => {
    await inbox.receive(...Array.from({ length: 210 }, (_, n) => ({ from: ANNA, text: `plenty ${n}` })));
    expect(await found('plenty')).toHaveLength(50);
    expect(await found('plenty', '&limit=1')).toHaveLength(1);
    expect(await found('plenty', '&limit=200')).toHaveLength(200);
  });

  it('finds edited texts by their new words, and omits deleted texts', async () => {
    await inbox.receive({ guid: 'w', from: ANNA, text: 'walrus' }, { from: ANNA, text: 'walrus too' });
    const at = new Date().toISOString();
    await inbox.receive({ guid: 'w/1', from: ANNA, text: 'seal', change: { of: 'w', kind: 'edited', at } });
    expect(await found('walrus')).toEqual(['walrus too']);
    expect(await found('seal')).toEqual(['seal']);
    const [text] = await inbox.search('walrus');
    await inbox.patch(`/${text!.id}`, { status: 'deleted' });
    expect(await found('walrus')).toEqual([]);
  });

  it('omits texts of another number', async () => {
    const other = await pairedInbox(homing, '+14155556302');
    await other.receive({ from: ANNA, text: 'elsewhere' });
    expect(await other.search('elsewhere')).toHaveLength(1);
    expect(await found('elsewhere')).toEqual([]);
  });

  it('finds emoji and scripts without spaces', async () => {
    await inbox.receive({ from: ANNA, text: 'so happy 🎉' }, { from: ANNA, text: '明日東京で会いましょう' });
    expect(await found('🎉')).toEqual(['so happy 🎉']);
    expect(await found('東京')).toEqual(['明日東京で会いましょう']);
    expect(await found('京東')).toEqual([]);
  });
});

describe('a search query', () => {
  const odd = [
    '"',
    '""',
    '"unclosed',
    '*',
    'ban*',
    '^banana',
    'NEAR',
    'NEAR(banana bread, 2)',
    'banana NEAR bread',
    'AND',
    'banana AND',
    'OR NOT',
    'words:banana',
    'scope : x',
    '{words}: a',
    '-banana',
    '+banana + bread',
    "'; DROP TABLE messages; --",
    '\\',
    '%',
    '_',
    '()',
    '((((((',
    '\0',
    'banana\0bread',
    '\n\t',
    ' ',
    '🎉🎉🎉',
    '👩‍👩‍👧‍👦',
    '🏳️‍🌈',
    '\u202e',
    '\ufffd',
    '﷽',
    'ﷺ',
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!',
  ];
  it.each(odd)('with special characters returns 200: %j', async (q) => {
    const { status, body } = await inbox.request('GET', `/search?q=${encodeURIComponent(q)}`);
    expect([status, Array.isArray(body)]).toEqual([200, true]);
  });

  it('of maximum length returns 200 for every script', async () => {
    const long = ['a ', 'ab"', '"', '🎉', 'ﷺ', '﷽ ', '東', '"東" ', 'a'];
    for (const piece of long) {
      const q = [...piece.repeat(500)].slice(0, 500).join('');
      const { status } = await inbox.request('GET', `/search?q=${encodeURIComponent(q)}`);
      expect(status, piece).toBe(200);
    }
  });

  it('is limited to 500 code points', async () => {
    for (const [q, status] of [
      ['x'.repeat(500), 200],
      ['x'.repeat(501), 422],
      ['🎉'.repeat(500), 200],
      ['🎉'.repeat(501), 422],
    ] as const) {
      const response = await inbox.request('GET', `/search?q=${encodeURIComponent(q)}`);
      expect(response.status).toBe(status);
      if (status === 422) expectDetail(response, 422);
    }
  });

  it('of generated characters returns 200 and only texts with its words', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    const pieces = fc.constantFrom('"', '*', 'NEAR', '(', ')', 'banana', ' ', ':', '^', '🎉', 'AND', '東');
    const mixed = fc.array(pieces, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, mixed), async (q) => {
        const { status, body } = await inbox.request('GET', `/search?q=${encodeURIComponent(q)}`);
        expect(status, JSON.stringify(body)).toBe(200);
        if (/^[a-z]+$/.test(q)) {
          for (const { text } of body) expect(text.toLowerCase()).toContain(q);
        }
      }),
      { numRuns: 200 },
    );
  });
});
