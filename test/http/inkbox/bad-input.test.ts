/** Tests invalid input of the Inkbox API: the response lists each invalid field, and the broker logs no error. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, type Inbox, PREFIX, sandboxInbox, type Text } from '../../support/inbox.ts';

const UNKNOWN = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const TO = '+15005550010';

let homing: RunningBroker;
let inbox: Inbox;
let text: Text;
let loggedBefore = 0;

beforeAll(async () => {
  homing = await startInProcess();
  inbox = await sandboxInbox(homing);
  text = await inbox.send({ to: TO, text: 'Hi' });
});
afterAll(() => homing?.dispose());

beforeEach(() => {
  loggedBefore = homing.log().length;
});
afterEach(() => {
  expect(homing.log().slice(loggedBefore)).not.toMatch(/"level":"(error|fatal)"/);
});

type Issue = { loc: Array<string | number>; msg: string; type: string };

async function issuesOf(method: string, path: string, body?: unknown): Promise<Issue[]> {
  const response = await inbox.request(method, path, body);
  expectDetail(response, 422);
  return response.body.detail;
}

describe('a GET request', () => {
  const limit = "'limit' must be a whole number from 1 to 200.";
  const offset = "'offset' must be a whole number from 0 to 999999999999.";
  it.each([
    ['limit=0', 'limit', limit, 'value_error'],
    ['limit=201', 'limit', limit, 'value_error'],
    ['limit=-1', 'limit', limit, 'int_parsing'],
    ['limit=', 'limit', limit, 'int_parsing'],
    ['limit=ten', 'limit', limit, 'int_parsing'],
    ['limit=1.5', 'limit', limit, 'int_parsing'],
    ['limit=1e2', 'limit', limit, 'int_parsing'],
    ['limit=%2B5', 'limit', limit, 'int_parsing'],
    ['limit=٣', 'limit', limit, 'int_parsing'],
    ['limit=5&limit=6', 'limit', "'limit' must be given once.", 'type_error'],
    ['offset=-1', 'offset', offset, 'int_parsing'],
    ['offset=1000000000000', 'offset', offset, 'value_error'],
    ['offset=99999999999999999999', 'offset', offset, 'int_parsing'],
    ['offset=x', 'offset', offset, 'int_parsing'],
  ])('with ?%s returns 422 from every list', async (query, name, msg, type) => {
    const lists = ['?', '/conversations?', `/conversations/${TO}?`];
    if (name === 'limit') lists.push('/search?q=a&');
    for (const list of lists) {
      expect(await issuesOf('GET', list + query)).toEqual([{ loc: ['query', name], msg, type }]);
    }
  });

  it.each([
    ['is_read=yes', "'is_read' must be true or false.", 'literal_error'],
    ['is_read=', "'is_read' must be true or false.", 'literal_error'],
    ['is_read=2', "'is_read' must be true or false.", 'literal_error'],
    ['is_read=true&is_read=true', "'is_read' must be given once.", 'type_error'],
  ])('with ?%s returns 422', async (query, msg, type) => {
    expect(await issuesOf('GET', `?${query}`)).toEqual([{ loc: ['query', 'is_read'], msg, type }]);
  });

  it.each([
    ['', "'q' is required.", 'missing'],
    ['q=', "'q' must not be empty.", 'string_too_short'],
    [`q=${'x'.repeat(501)}`, "'q' must be at most 500 characters.", 'string_too_long'],
    ['q=a&q=b', "'q' must be given once.", 'type_error'],
  ])('for a search with ?%s returns 422', async (query, msg, type) => {
    expect(await issuesOf('GET', `/search?${query}`)).toEqual([{ loc: ['query', 'q'], msg, type }]);
  });

  it('with several invalid parameters returns 422 with all of them', async () => {
    const issues = await issuesOf('GET', '?limit=x&offset=y&is_read=z');
    expect(issues.map(({ loc }) => loc)).toEqual([
      ['query', 'limit'],
      ['query', 'offset'],
      ['query', 'is_read'],
    ]);
  });

  it('ignores unknown parameters', async () => {
    expect(await inbox.texts('?page=3&constructor=1&__proto__=2')).toHaveLength(1);
  });
});

describe('a POST or PATCH request', () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"is_read":'],
    ['not JSON', 'is_read=true'],
    ['not UTF-8', Buffer.from('{"status":"\xff"}', 'latin1')],
  ])('with a body that is %s returns 422 with the type json_invalid', async (_case, body) => {
    for (const [method, path] of [
      ['POST', ''],
      ['PATCH', `/${text.id}`],
      ['PATCH', `/conversations/${TO}`],
    ] as const) {
      const [issue, ...others] = await issuesOf(method, path, body);
      expect(others).toEqual([]);
      expect(issue).toMatchObject({ loc: ['body'], type: 'json_invalid' });
    }
  });

  it('with a body that is not an object returns 422', async () => {
    for (const body of ['[]', 'null', '1', '"text"', 'true']) {
      for (const [method, path] of [
        ['POST', ''],
        ['PATCH', `/${text.id}`],
        ['PATCH', `/conversations/${TO}`],
      ] as const) {
        expect(await issuesOf(method, path, body), body).toEqual([
          { loc: ['body'], msg: 'The request body must be a JSON object.', type: 'type_error' },
        ]);
      }
    }
  });

  it('with a body over the size limit returns 413', async () => {
    const large = JSON.stringify({ to: TO, text: 'x'.repeat(200_000) });
    expectDetail(await inbox.request('POST', '', large), 413);
    expectDetail(await inbox.patch(`/${text.id}`, large), 413);
  });

  const required = "One of 'is_read' and 'status' is required.";
  it.each<[unknown, Issue[]]>([
    [{}, [{ loc: ['body'], msg: required, type: 'value_error' }]],
    [{ is_read: null, status: null }, [{ loc: ['body'], msg: required, type: 'value_error' }]],
    [{ read: true }, [{ loc: ['body'], msg: required, type: 'value_error' }]],
    [
      { is_read: 'true' },
      [{ loc: ['body', 'is_read'], msg: "'is_read' must be true or false.", type: 'type_error' }],
    ],
    [
      { status: 'received' },
      [{ loc: ['body', 'status'], msg: "'status' must be 'deleted'.", type: 'literal_error' }],
    ],
    [
      { is_read: 1, status: 'DELETED' },
      [
        { loc: ['body', 'is_read'], msg: "'is_read' must be true or false.", type: 'type_error' },
        { loc: ['body', 'status'], msg: "'status' must be 'deleted'.", type: 'literal_error' },
      ],
    ],
  ])('returns 422 for this update of a text: %j', async (body, expected) => {
    expect(await issuesOf('PATCH', `/${text.id}`, body)).toEqual(expected);
  });

  it.each<[unknown, Issue]>([
    [{}, { loc: ['body', 'is_read'], msg: "'is_read' is required.", type: 'missing' }],
    [
      { is_read: null },
      { loc: ['body', 'is_read'], msg: "'is_read' must be true or false.", type: 'type_error' },
    ],
    [
      { is_read: 'x' },
      { loc: ['body', 'is_read'], msg: "'is_read' must be true or false.", type: 'type_error' },
    ],
  ])('returns 422 for this update of a conversation: %j', async (body, expected) => {
    expect(await issuesOf('PATCH', `/conversations/${TO}`, body)).toEqual([expected]);
  });

  const e164 = "'to' must be a phone number in E.164 format, such as +14155550100.";
  const unsendable = "'text' has a character that cannot be sent (NUL or half of a surrogate pair).";
  const url = "'media_urls' must be a public https:// URL.";
  const nothing = "One of 'text' and 'media_urls' is required.";
  it.each<[string, Issue[]]>([
    ['{"text":"Hi"}', [{ loc: ['body', 'to'], msg: "'to' is required.", type: 'missing' }]],
    ['{"to":5,"text":"Hi"}', [{ loc: ['body', 'to'], msg: "'to' must be a string.", type: 'type_error' }]],
    ['{"to":"4155550100","text":"Hi"}', [{ loc: ['body', 'to'], msg: e164, type: 'value_error' }]],
    ['{"to":"76934","text":"Hi"}', [{ loc: ['body', 'to'], msg: e164, type: 'value_error' }]],
    [`{"to":"${TO}"}`, [{ loc: ['body'], msg: nothing, type: 'value_error' }]],
    [`{"to":"${TO}","text":""}`, [{ loc: ['body'], msg: nothing, type: 'value_error' }]],
    [`{"to":"${TO}","text":null,"media_urls":[]}`, [{ loc: ['body'], msg: nothing, type: 'value_error' }]],
    [
      `{"to":"${TO}","text":7}`,
      [{ loc: ['body', 'text'], msg: "'text' must be a string.", type: 'type_error' }],
    ],
    [`{"to":"${TO}","text":"\\u0000"}`, [{ loc: ['body', 'text'], msg: unsendable, type: 'value_error' }]],
    [`{"to":"${TO}","text":"\\ud83d"}`, [{ loc: ['body', 'text'], msg: unsendable, type: 'value_error' }]],
    [
      `{"to":"${TO}","text":"${'x'.repeat(5_001)}"}`,
      [
        {
          loc: ['body', 'text'],
          msg: "'text' must be at most 5000 characters.",
          type: 'string_too_long',
        },
      ],
    ],
    [
      `{"to":"${TO}","media_urls":"https://example.com/a"}`,
      [{ loc: ['body', 'media_urls'], msg: "'media_urls' must be a list of URLs.", type: 'type_error' }],
    ],
    [
      `{"to":"${TO}","media_urls":["https://example.com/a",3]}`,
      [{ loc: ['body', 'media_urls', 1], msg: "'media_urls' must be a string.", type: 'type_error' }],
    ],
    [
      `{"to":"${TO}","media_urls":["http://example.com/a","https://127.0.0.1/a"]}`,
      [
        { loc: ['body', 'media_urls', 0], msg: url, type: 'value_error' },
        { loc: ['body', 'media_urls', 1], msg: url, type: 'value_error' },
      ],
    ],
    [
      `{"to":"${TO}","media_urls":${JSON.stringify(Array(11).fill('https://example.com/a'))}}`,
      [
        {
          loc: ['body', 'media_urls'],
          msg: "'media_urls' must contain at most 10 URLs.",
          type: 'too_long',
        },
      ],
    ],
    [
      `{"to":"x","text":[],"media_urls":{}}`,
      [
        { loc: ['body', 'to'], msg: e164, type: 'value_error' },
        { loc: ['body', 'text'], msg: "'text' must be a string.", type: 'type_error' },
        { loc: ['body', 'media_urls'], msg: "'media_urls' must be a list of URLs.", type: 'type_error' },
      ],
    ],
  ])('returns 422 and sends nothing for the body %s', async (body, expected) => {
    expect(await issuesOf('POST', '', body)).toEqual(expected);
    expect(await inbox.texts()).toHaveLength(1);
  });
});

describe('a generated request', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      '.',
      '..',
      '%',
      '+',
      ' ',
      '-1',
      '0',
      '1',
      '200',
      '1e9',
      'true',
      'null',
      UNKNOWN,
      TO,
      '76934',
    ),
  );
  const json = fc.oneof(fc.jsonValue(), word, fc.boolean(), fc.constantFrom(TO, 'deleted', null, []));
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.record({ to: json, text: json, media_urls: json, is_read: json, status: json }, { requiredKeys: [] }),
  );
  const queries = fc.dictionary(fc.constantFrom('limit', 'offset', 'is_read', 'q', 'x'), word);

  const isDocumented = (status: number, body: unknown, seen: string) => {
    expect([200, 201, 404, 405, 422], seen).toContain(status);
    if (status > 201) expect(Object.keys(body as object), seen).toEqual(['detail']);
    else expect(typeof body, seen).toBe('object');
  };
  /** The URL parser removes the segments `.` and `..`, so they are replaced. */
  const segment = (text: string) => (/^\.*$/.test(text) ? '-' : encodeURIComponent(text));

  it('with generated paths and queries gets a documented response', async () => {
    const paths = fc.oneof(
      fc.tuple(word).map(([id]) => `/numbers/${segment(id)}/texts`),
      ...['', '/search', '/conversations'].map((rest) => fc.constant(`/numbers/ID/texts${rest}`)),
      fc.tuple(word).map(([id]) => `/numbers/ID/texts/${segment(id)}`),
      fc.tuple(word).map(([remote]) => `/numbers/ID/texts/conversations/${segment(remote)}`),
    );
    const prefixes = fc.constantFrom(PREFIX, '');
    const methods = fc.constantFrom('GET', 'GET', 'PATCH');
    await fc.assert(
      fc.asyncProperty(methods, prefixes, paths, queries, async (method, prefix, path, query) => {
        const url = `${prefix}${path.replace('ID', inbox.id)}?${new URLSearchParams(query)}`;
        const sent = method === 'PATCH' ? { body: { is_read: true } } : {};
        const { status, body } = await inbox.client.request(method, url, sent);
        isDocumented(status, body, `${method} ${url}`);
      }),
      { numRuns: 500 },
    );
  });

  it('with generated bodies gets a documented response', async () => {
    const calls = fc.constantFrom(
      ['POST', ''] as const,
      ['PATCH', `/${UNKNOWN}`] as const,
      ['PATCH', '/TEXT'] as const,
      ['PATCH', `/conversations/${TO}`] as const,
    );
    await fc.assert(
      fc.asyncProperty(calls, bodies, async ([method, path], body) => {
        const response = await inbox.request(method, path.replace('TEXT', text.id), JSON.stringify(body));
        isDocumented(response.status, response.body, `${method} ${path} ${JSON.stringify(body)}`);
      }),
      { numRuns: 400 },
    );
  });

  it('with generated bytes in the path gets a documented response', async () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (some, isTextId) => {
        const written = some.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
        const path = isTextId ? `/x${written}` : `/conversations/x${written}`;
        const { status, body } = await inbox.request('GET', path);
        isDocumented(status, body, path);
      }),
      { numRuns: 200 },
    );
  });
});
