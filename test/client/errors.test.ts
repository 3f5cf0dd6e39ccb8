/** Every way in which a call can end badly is a HomingApiError that says what happened. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing, HomingApiError } from '../../client/src/index.ts';
import { ROOMY, writePlans } from '../acceptance/texting-blue/plans-file.ts';
import { type FileServer, startFileServer } from '../support/file-server.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createAccount, createClient } from '../support/http-client.ts';

const PLANS = {
  hasty: { ...ROOMY, api_requests_per_minute: 1 },
  small: { ...ROOMY, messages_per_month: 0 },
};

let homing: HomingProcess;
let sandbox: Homing;
let noBroker: FileServer;

beforeAll(async () => {
  homing = await startHoming({ HOMING_PLANS_FILE: writePlans(PLANS) });
  sandbox = createHoming({ url: homing.url, key: homing.testKey });
  noBroker = await startFileServer((request, response) => {
    const isMoved = request.url!.startsWith('/moved');
    if (isMoved) response.writeHead(308, { location: 'https://homing.example/v1/messages' }).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
  });
});
afterAll(async () => {
  noBroker?.close();
  await homing?.dispose();
});

const TO = '+15005550010';

async function errorOf(call: Promise<unknown>): Promise<HomingApiError> {
  const error = await call.then(
    () => expect.unreachable('it was to fail'),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(HomingApiError);
  return error;
}

const withKey = (key: string) => createHoming({ url: homing.url, key, retries: 0 });

async function onPlan(plan: string): Promise<Homing> {
  await createAccount(homing, plan, plan);
  const { key } = await createClient(homing, { account: plan });
  return withKey(key);
}

describe('a refusal', () => {
  it('names the field that is to blame, and the request', async () => {
    const error = await errorOf(sandbox.messages.send({ to: '415', content: 'Hi' }));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'to' });
    expect(error.message).toMatch(/E\.164/);
    expect(error.requestId).toMatch(/^req_/);
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('of a key that nobody has', async () => {
    const error = await errorOf(withKey(`tb_test_${'a'.repeat(32)}`).messages.list());
    expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('of a key that may not', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:read' });
    const error = await errorOf(withKey(key).messages.send({ to: TO, content: 'Hi' }));
    expect(error).toMatchObject({ status: 403, code: 'forbidden' });
    expect(error.message).toContain("'messages:send'");
  });

  it('of a message that is not there', async () => {
    const error = await errorOf(sandbox.messages.get('msg_01m7ypkdxffkmb6tyeck3vccad'));
    expect(error).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('of another message under the same idempotency key', async () => {
    const options = { idempotencyKey: 'the-same-key' };
    await sandbox.messages.send({ to: TO, content: 'first' }, options);
    const error = await errorOf(sandbox.messages.send({ to: TO, content: 'second' }, options));
    expect(error).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('of more than the plan has', async () => {
    const { messages } = await onPlan('small');
    const error = await errorOf(messages.send({ to: TO, content: 'Hi' }));
    expect(error).toMatchObject({ status: 402, code: 'plan_limit_exceeded' });
  });

  it('for being too fast, with when to come back', async () => {
    const { messages } = await onPlan('hasty');
    // A minute may end between two of them, not between three.
    const calls = [messages.list(), messages.list(), messages.list()];
    const error = await errorOf(Promise.all(calls));
    expect(error).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
    expect(error.retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('has the same form in the words of every API', async () => {
    const textree = sandbox.POST('/api/v1/messages', { body: { phone_number: '415', body: 'Hi' } });
    expect(await errorOf(sandbox.unwrap(textree))).toMatchObject({
      status: 422,
      code: 'invalid_request',
      message: expect.stringMatching(/phone_number|E\.164/),
    });

    const numbers = await sandbox.unwrap(sandbox.GET('/api/v1/phone/numbers'));
    const params = { path: { id: numbers[0]!.id } };
    const inkbox = sandbox.POST('/api/v1/phone/numbers/{id}/texts', {
      params,
      body: { to: '415', text: 'Hi' },
    });
    expect(await errorOf(sandbox.unwrap(inkbox))).toMatchObject({
      status: 422,
      code: 'invalid_request',
      param: 'to',
    });

    const unknown = { params: { path: { id: '01890a5d-ac96-774b-bcce-b302099a8057' } } };
    const missing = sandbox.GET('/api/v1/phone/numbers/{id}/texts', unknown);
    expect(await errorOf(sandbox.unwrap(missing))).toMatchObject({
      code: expect.stringMatching(/^[a-z_]+$/),
    });

    const textus = sandbox.POST('/{account}/messages', {
      params: { path: { account: 'default' } },
      body: { to: '415', body: 'Hi' },
    });
    const refused = await errorOf(sandbox.unwrap(textus));
    expect(refused).toMatchObject({
      status: 422,
      code: 'invalid_request',
      param: expect.stringMatching(/^to/),
    });
    expect(refused.message).toMatch(/\S/);
  });

  it('is no error where it was called by path and not unwrapped', async () => {
    const { data, error, response } = await sandbox.POST('/v1/messages/send', {
      body: { to: '415', content: 'Hi' },
    });
    expect([data, response.status, error?.error.param]).toEqual([undefined, 400, 'to']);
  });
});

describe('no answer', () => {
  it('where nothing listens', async () => {
    const gone = await startFileServer(() => {});
    gone.close();
    const nowhere = createHoming({ url: gone.url, key: homing.testKey, retries: 0 });
    const error = await errorOf(nowhere.messages.list());
    expect(error).toMatchObject({ status: 0, code: 'connection_failed' });
    expect(error.message).toBe(
      `${gone.url} gave no answer (ECONNREFUSED). Is the address right, and does the broker run?`,
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('that a broker would give', async () => {
    const other = createHoming({ url: noBroker.url, key: homing.testKey });
    expect(await errorOf(other.messages.list())).toMatchObject({
      code: 'unexpected_answer',
      message: expect.stringContaining('no Homing broker'),
    });
  });

  it('but another address, to which the key does not go', async () => {
    const moved = createHoming({ url: `${noBroker.url}/moved/`, key: homing.testKey });
    expect(await errorOf(moved.messages.list())).toMatchObject({
      code: 'unexpected_answer',
      status: 308,
      message: expect.stringContaining('https://homing.example/v1/messages'),
    });
  });
});

describe('what no call can be made with', () => {
  it.each(['', 'localhost:8080', 'ftp://homing.example', '/v1'])('the url %j', (url) => {
    expect(() => createHoming({ url, key: 'tb_test_x' })).toThrow(/it takes one such as https:/);
  });

  it.each(['', 'tb_test_x\n', 'clé'])('the key %j', (key) => {
    expect(() => createHoming({ url: 'http://127.0.0.1:8080', key })).toThrow(/The key is missing/);
  });
});
