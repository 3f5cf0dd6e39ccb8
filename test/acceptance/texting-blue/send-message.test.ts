/** Tests POST /v1/messages/send: accepted messages, responses and errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Client,
  clientFor,
  createAccount,
  createClient,
  expectError,
  pairDevice,
} from '../../support/http-client.ts';

const TO = '+15005550010';
const FROM = '+15005550006';
const OWN = '+14155550199';

let homing: HomingProcess;
let live: Client;
let sandbox: Client;

beforeAll(async () => {
  homing = await startHoming();
  live = clientFor(homing.url, homing.liveKey);
  sandbox = clientFor(homing.url, homing.testKey);
  await pairDevice(homing, OWN);
});
afterAll(() => homing?.dispose());

const send = (client: Client, body: unknown) => client.post('/v1/messages/send', body);

describe('POST /v1/messages/send', () => {
  it('returns 202 with the queued message and all fields', async () => {
    const before = Date.now();
    const response = await send(sandbox, { to: TO, from: FROM, content: 'Hi' });
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
    expect(response.body).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-z]{26}$/),
      status: 'queued',
      to: TO,
      from: FROM,
      content: 'Hi',
      media_url: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    });
    const created = Date.parse(response.body.created_at);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(created).toBeLessThanOrEqual(Date.now());
  });

  it('leaves a live message queued for its device', async () => {
    const sent = await send(live, { to: '+14155550100', from: OWN, content: 'Hi' });
    expect(sent.status).toBe(202);
    const found = await live.get(`/v1/messages/${sent.body.id}`);
    expect(found.body).toMatchObject({
      status: 'queued',
      from: OWN,
      to: '+14155550100',
      direction: 'outbound',
    });
  });

  it.each([
    ['one character', 'x'],
    ['5,000 characters', 'x'.repeat(5_000)],
    ['5,000 emoji', '😀'.repeat(5_000)],
    ['quotes, tabs and line breaks', '"\'\\\t\r\n\u2028'],
    ['right to left, combining and joined characters', 'שלום e\u0301 👨‍👩‍👧‍👦'],
    ['SQL and markup', `'; DROP TABLE messages; -- <script>alert(1)</script>`],
    ['control characters other than NUL', '\u0001\u001b[2J\u007f'],
    ['only a space', ' '],
  ])('stores this content unchanged: %s', async (_case, content) => {
    const sent = await send(sandbox, { to: TO, content });
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body.content).toBe(content);
    expect((await sandbox.get(`/v1/messages/${sent.body.id}`)).body.content).toBe(content);
  });

  it('accepts 5,000 escaped emoji, the longest encoding', async () => {
    const escaped = '\\ud83d\\ude00'.repeat(5_000);
    const sent = await sandbox.post('/v1/messages/send', `{"to":"${TO}","content":"${escaped}"}`);
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body.content).toBe('😀'.repeat(5_000));
  });

  it('accepts a media_url, or null', async () => {
    const mediaUrl = 'https://example.com/cat.jpg?size=1';
    const sent = await send(sandbox, { to: TO, content: 'a cat', media_url: mediaUrl });
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body.media_url).toBe(mediaUrl);
    expect((await sandbox.get(`/v1/messages/${sent.body.id}`)).body.media_url).toBe(mediaUrl);
    expect((await send(sandbox, { to: TO, content: 'none', media_url: null })).body.media_url).toBeNull();
  });

  it.each([{}, { content: '' }, { content: null }])(
    'accepts an attachment with the text %j',
    async (text) => {
      const mediaUrl = 'https://example.com/cat.jpg';
      const sent = await send(sandbox, { to: TO, media_url: mediaUrl, ...text });
      expect(sent.status, sent.text).toBe(202);
      expect(sent.body).toMatchObject({ content: '', media_url: mediaUrl });
    },
  );

  it('sends from the only number of the account if the request contains no from', async () => {
    await createAccount(homing, 'single');
    await pairDevice(homing, '+14155550170', { account: 'single' });
    const single = await createClient(homing, { account: 'single', environment: 'live' });
    for (const from of [undefined, null]) {
      const sent = await send(single, { to: TO, from, content: 'Hi' });
      expect(sent.status, sent.text).toBe(202);
      expect(sent.body.from).toBe('+14155550170');
    }
  });

  it('ignores unknown fields', async () => {
    const sent = await send(sandbox, { to: TO, content: 'Hi', priority: 'high', nested: { a: [1] } });
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body).not.toHaveProperty('priority');
  });
});

describe('an invalid POST /v1/messages/send returns 400', () => {
  const valid = { to: TO, from: FROM, content: 'Hi' };

  it.each(['to', 'content'] as const)('without %s', async (field) => {
    const { [field]: _, ...rest } = valid;
    expectError(await send(sandbox, rest), 400, 'invalid_request', field);
  });

  it('without from in the live environment, if the account has no number or several numbers', async () => {
    await createAccount(homing, 'several');
    const several = await createClient(homing, { account: 'several', environment: 'live' });
    expectError(await send(several, { to: TO, content: 'Hi' }), 400, 'invalid_request', 'from');
    const numbers = ['+14155550171', '+14155550172'];
    for (const number of numbers) await pairDevice(homing, number, { account: 'several' });
    for (const body of [
      { to: TO, content: 'Hi' },
      { to: TO, from: null, content: 'Hi' },
    ]) {
      const response = await send(several, body);
      expectError(response, 400, 'invalid_request', 'from');
      for (const number of numbers) expect(response.body.error.message).toContain(number);
    }
  });

  it('without content, unless the message has an attachment', async () => {
    expectError(await send(sandbox, { to: TO, media_url: null }), 400, 'invalid_request', 'content');
    expectError(await send(sandbox, { to: TO, content: '' }), 400, 'invalid_request', 'content');
  });

  const wrongTypes: unknown[] = [1, 1.5, true, [], ['+15005550010'], {}, { toString: 'x' }];
  it.each([
    ...['to', 'content', 'from', 'media_url'].flatMap((field) =>
      wrongTypes.map((value): [string, unknown] => [field, value]),
    ),
    ['to', null],
    ['content', null],
  ] as const)('if %s is %j', async (field, value) => {
    expectError(await send(sandbox, { ...valid, [field]: value }), 400, 'invalid_request', field);
  });

  const badNumbers = [
    '',
    '+',
    'nobody',
    '15005550010',
    '005005550010',
    '+1 500 555 0010',
    '+1-500-555-0010',
    '+1(500)5550010',
    '+1500555O010',
    '+1500555001a',
    '+0123456789',
    '+123456',
    '+1415555010012345',
    `+${'1'.repeat(10_000)}`,
    ' +15005550010',
    '+15005550010 ',
    '+15005550010\n',
    '+15005550010\0',
    '＋15005550010',
    '+１５００５５５００１０',
    '++15005550010',
    'tel:+15005550010',
    'person@',
    'person @example.com',
    '__proto__',
  ];
  it.each(['to', 'from'].flatMap((field) => badNumbers.map((number) => [field, number] as const)))(
    'if %s is the number %j',
    async (field, number) => {
      expectError(await send(sandbox, { ...valid, [field]: number }), 400, 'invalid_request', field);
    },
  );

  it.each([
    ['empty', ''],
    ['5,001 characters', 'x'.repeat(5_001)],
    ['5,001 emoji', '😀'.repeat(5_001)],
    ['NUL', 'a\0b'],
    ['a lone high surrogate', 'a\ud800b'],
    ['a lone low surrogate', '\udc00'],
    ['surrogates in the wrong order', '\udc00\ud800'],
  ])('if the content is %s', async (_case, content) => {
    expectError(await send(sandbox, { ...valid, content }), 400, 'invalid_request', 'content');
  });

  it.each([
    '',
    'cat.jpg',
    '/cat.jpg',
    'http://example.com/cat.jpg',
    'ftp://example.com/cat.jpg',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'javascript:alert(1)',
    'https://',
    'https://user:secret@example.com/cat.jpg',
    `https://example.com/${'x'.repeat(5_000)}`,
  ])('if the media_url is %j', async (mediaUrl) => {
    expectError(await send(sandbox, { ...valid, media_url: mediaUrl }), 400, 'invalid_request', 'media_url');
  });

  it('if from is not a number of the account', async () => {
    const response = await send(live, { to: TO, from: '+14155550142', content: 'Hi' });
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain('is not registered or verified for this team');
  });

  it('if from is not verified', async () => {
    const from = '+14155550143';
    expect((await live.post('/v1/numbers/verify', { phone_number: from })).status).toBe(200);
    const response = await send(live, { to: TO, from, content: 'Hi' });
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain('is not registered or verified for this team');
  });

  it("if from is another account's number", async () => {
    await createAccount(homing, 'borrower');
    const borrower = await createClient(homing, { account: 'borrower', environment: 'live' });
    const response = await send(borrower, { to: TO, from: OWN, content: 'Hi' });
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain('is not registered or verified for this team');
  });

  it('while from is paused', async () => {
    const from = '+14155550144';
    await pairDevice(homing, from);
    const { numbers } = (await live.get('/v1/numbers')).body;
    const { id } = numbers.find((number: { phone_number: string }) => number.phone_number === from);
    await live.put(`/v1/numbers/${id}`, { status: 'paused' });
    const response = await send(live, { to: TO, from, content: 'Hi' });
    expectError(response, 400, 'invalid_request', 'from');
    expect(response.body.error.message).toContain('is currently paused');
    await live.put(`/v1/numbers/${id}`, { status: 'active' });
    expect((await send(live, { to: TO, from, content: 'Hi' })).status).toBe(202);
  });
});

describe('a rejected message', () => {
  it('is not stored', async () => {
    const client = await createClient(homing, { account: 'borrower', environment: 'live' });
    expect((await client.get('/v1/messages')).body).toEqual({ messages: [], cursor: null, has_more: false });
  });
});

describe('an Idempotency-Key', () => {
  const body = { to: TO, from: FROM, content: 'once' };
  let client: Client;

  beforeAll(async () => {
    await createAccount(homing, 'careful');
    client = await createClient(homing, { account: 'careful' });
  });
  const sendWith = (key: string, requestBody: unknown = body, by = client) =>
    by.post('/v1/messages/send', requestBody, { 'idempotency-key': key });
  const idsWith = async (content: string) =>
    (await client.get('/v1/messages?limit=100')).body.messages
      .filter((message: { content: string }) => message.content === content)
      .map(({ id }: { id: string }) => id);

  it('returns the first response again and sends nothing', async () => {
    const first = await sendWith('order-4711', { ...body, content: 'order' });
    expect(first.status).toBe(202);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      const again = await sendWith('order-4711', { ...body, content: 'order' });
      expect(again.status).toBe(202);
      expect(again.text).toBe(first.text);
    }
    expect(await idsWith('order')).toEqual([first.body.id]);
  });

  it('returns the first response again after a restart', async () => {
    const first = await sendWith('across-a-restart');
    await homing.kill();
    await homing.restart();
    expect((await sendWith('across-a-restart')).text).toBe(first.text);
  });

  it.each([
    ['to', { ...body, to: '+15005550011' }],
    ['from', { ...body, from: '+15005550007' }],
    ['content', { ...body, content: 'twice' }],
    ['media_url', { ...body, media_url: 'https://example.com/cat.jpg' }],
  ])('returns 409 if %s differs', async (field, other) => {
    await sendWith(`differs-${field}`);
    expectError(await sendWith(`differs-${field}`, other), 409, 'conflict', 'Idempotency-Key');
    expect((await sendWith(`differs-${field}`)).status).toBe(202);
  });

  it.each(['12345678', 'a b c d e', '~'.repeat(128), '{"id":"x","n":1}'])('can be %j', async (key) => {
    expect((await sendWith(key)).status).toBe(202);
  });

  it.each(['1234567', 'x', '', 'x'.repeat(129), 'x'.repeat(1_000)])('cannot be %j', async (key) => {
    expectError(await sendWith(key), 400, 'invalid_request', 'Idempotency-Key');
  });

  it('is stored only for an accepted send', async () => {
    expectError(await sendWith('fixed-later', { ...body, to: 'nobody' }), 400, 'invalid_request', 'to');
    expectError(
      await sendWith('fixed-later', { ...body, from: '+15005550031' }),
      400,
      'invalid_request',
      'from',
    );
    expect((await sendWith('fixed-later')).status).toBe(202);
  });

  it('sends one message for concurrent requests', async () => {
    const content = 'racing';
    const responses = await Promise.all(
      Array.from({ length: 16 }, () => sendWith('racing-requests', { ...body, content })),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(responses.map(({ text }) => text)).size).toBe(1);
    expect(await idsWith(content)).toEqual([responses[0]!.body.id]);
  });

  it('accepts one of two concurrent requests with different bodies', async () => {
    const responses = await Promise.all(
      ['left', 'right'].map((content) => sendWith('racing-bodies', { ...body, content })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect([...(await idsWith('left')), ...(await idsWith('right'))]).toHaveLength(1);
  });

  it('is separate for each account and environment', async () => {
    const otherAccount = sandbox;
    const liveClient = await createClient(homing, { account: 'careful', environment: 'live' });
    await pairDevice(homing, '+14155550166', { account: 'careful' });
    const mine = await sendWith('shared-by-chance');
    const otherSend = await sendWith('shared-by-chance', { ...body, content: 'theirs' }, otherAccount);
    const liveSend = await sendWith('shared-by-chance', { ...body, from: '+14155550166' }, liveClient);
    expect([mine.status, otherSend.status, liveSend.status]).toEqual([202, 202, 202]);
    expect(new Set([mine.body.id, otherSend.body.id, liveSend.body.id]).size).toBe(3);
  });

  it('is shared by all keys of an account', async () => {
    const second = await createClient(homing, { account: 'careful' });
    const first = await sendWith('by-a-colleague');
    expect((await sendWith('by-a-colleague', body, second)).text).toBe(first.text);
  });
});
