/** Tests that every failed request throws a HomingApiError with its cause. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing, HomingApiError } from '../../client/src/index.ts';
import { type FileServer, startFileServer } from '../support/file-server.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createAccount, createClient } from '../support/http-client.ts';
import { ROOMY, writePlans } from '../support/plans-file.ts';

const PLANS = {
  hasty: { ...ROOMY, api_requests_per_minute: 1 },
  small: { ...ROOMY, messages_per_month: 0 },
};

let homing: HomingProcess;
let sandbox: Homing;
let otherServer: FileServer;

beforeAll(async () => {
  homing = await startHoming({ HOMING_PLANS_FILE: writePlans(PLANS) });
  sandbox = createHoming({ url: homing.url, key: homing.testKey });
  otherServer = await startFileServer((request, response) => {
    const isMoved = request.url!.startsWith('/moved');
    if (isMoved) response.writeHead(308, { location: 'https://homing.example/v1/messages' }).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
  });
});
afterAll(async () => {
  otherServer?.close();
  await homing?.dispose();
});

const TO = '+15005550010';

async function errorOf(request: Promise<unknown>): Promise<HomingApiError> {
  const error = await request.then(
    () => expect.unreachable('the request did not fail'),
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

describe('an error response', () => {
  it('an error response has the invalid field and the request id', async () => {
    const error = await errorOf(sandbox.messages.send({ to: '415', content: 'Hi' }));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'to' });
    expect(error.message).toMatch(/E\.164/);
    expect(error.requestId).toMatch(/^req_/);
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('the error for an unknown key has the code unauthorized', async () => {
    const error = await errorOf(withKey(`tb_test_${'a'.repeat(32)}`).messages.list());
    expect(error).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('the error for a key without the permission has the code forbidden', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:read' });
    const error = await errorOf(withKey(key).messages.send({ to: TO, content: 'Hi' }));
    expect(error).toMatchObject({ status: 403, code: 'forbidden' });
    expect(error.message).toContain("'messages:send'");
  });

  it('the error for an unknown message has the code not_found', async () => {
    const error = await errorOf(sandbox.messages.get('msg_01m7ypkdxffkmb6tyeck3vccad'));
    expect(error).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('the error for a different message with the same idempotency key has the code conflict', async () => {
    const options = { idempotencyKey: 'the-same-key' };
    await sandbox.messages.send({ to: TO, content: 'first' }, options);
    const error = await errorOf(sandbox.messages.send({ to: TO, content: 'second' }, options));
    expect(error).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('the error for a send above the plan limit has the code plan_limit_exceeded', async () => {
    const { messages } = await onPlan('small');
    const error = await errorOf(messages.send({ to: TO, content: 'Hi' }));
    expect(error).toMatchObject({ status: 402, code: 'plan_limit_exceeded' });
  });

  it('the error of a rate limit has retryAfterSeconds', async () => {
    const { messages } = await onPlan('hasty');
    // A new minute can begin between two of the requests, but not between all three.
    const requests = [messages.list(), messages.list(), messages.list()];
    const error = await errorOf(Promise.all(requests));
    expect(error).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(error.retryAfterSeconds).toBeGreaterThan(0);
    expect(error.retryAfterSeconds).toBeLessThanOrEqual(60);
  });

  it('error responses of every API are converted to HomingApiError', async () => {
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
    const error = await errorOf(sandbox.unwrap(textus));
    expect(error).toMatchObject({
      status: 422,
      code: 'invalid_request',
      param: expect.stringMatching(/^to/),
    });
    expect(error.message).toMatch(/\S/);
  });

  it('a request by path without unwrap returns the error and does not throw it', async () => {
    const { data, error, response } = await sandbox.POST('/v1/messages/send', {
      body: { to: '415', content: 'Hi' },
    });
    expect([data, response.status, error?.error.param]).toEqual([undefined, 400, 'to']);
  });
});

describe('a request to the wrong address', () => {
  it('a request throws connection_failed when no server listens', async () => {
    const closed = await startFileServer(() => {});
    closed.close();
    const client = createHoming({ url: closed.url, key: homing.testKey, retries: 0 });
    const error = await errorOf(client.messages.list());
    expect(error).toMatchObject({ status: 0, code: 'connection_failed' });
    expect(error.message).toBe(
      `${closed.url} did not respond (ECONNREFUSED). Check the URL and that the broker is running.`,
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('a request throws unexpected_answer when the response is not JSON', async () => {
    const other = createHoming({ url: otherServer.url, key: homing.testKey });
    expect(await errorOf(other.messages.list())).toMatchObject({
      code: 'unexpected_answer',
      message: expect.stringContaining('no Homing broker'),
    });
  });

  it('a request throws unexpected_answer for a redirect, and does not send the key to the new URL', async () => {
    const moved = createHoming({ url: `${otherServer.url}/moved/`, key: homing.testKey });
    expect(await errorOf(moved.messages.list())).toMatchObject({
      code: 'unexpected_answer',
      status: 308,
      message: expect.stringContaining('https://homing.example/v1/messages'),
    });
  });
});

describe('createHoming', () => {
  it.each(['', 'localhost:8080', 'ftp://homing.example', '/v1'])('createHoming rejects the URL %j', (url) => {
    expect(() => createHoming({ url, key: 'tb_test_x' })).toThrow(/Pass an http or https URL such as https:/);
  });

  it.each(['', 'tb_test_x\n', 'clé'])('createHoming rejects the key %j', (key) => {
    expect(() => createHoming({ url: 'http://127.0.0.1:8080', key })).toThrow(/The key is missing/);
  });
});
