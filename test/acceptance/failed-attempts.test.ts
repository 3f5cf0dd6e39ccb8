/** Tests the limits of attempts with wrong pairing codes and device tokens. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { pairDevice } from '../support/http-client.ts';
import { hello, openSocket, poll } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const CODES_PER_MINUTE = 20;
const TOKENS_PER_MINUTE = 60;

let homing: HomingProcess;
let clients = 0;
beforeAll(async () => {
  // Each test is another client of a proxy.
  homing = await startHoming({ HOMING_TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => homing?.dispose());
// The attempts of a test must be in one window of the limit: Retry-After shows its end.
beforeEach(async () => {
  await until('a new window', async () => {
    const client = newClient();
    for (let n = 0; n < CODES_PER_MINUTE; n += 1) await pair(secret(n), client);
    const limited = await pair(secret(0), client);
    return limited.status === 429 && Number(limited.headers.get('retry-after')) > 10;
  });
});

const newClient = () => {
  clients += 1;
  return { 'x-forwarded-for': `198.51.100.${clients}` };
};
const secret = (n: number) => `dev_${String(n).padStart(43, 'x')}`;

/** Sends the requests at the same time, because a limit that is checked before an await would let all of them pass. */
async function statuses(count: number, send: (n: number) => Promise<Response>) {
  const responses = await Promise.all(Array.from({ length: count }, (_, n) => send(n)));
  const limited = responses.filter(({ status }) => status === 429);
  for (const { headers } of limited) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  return { limited: limited.length, statuses: new Set(responses.map(({ status }) => status)) };
}

const pair = (code: string, headers: Record<string, string>) =>
  fetch(`${homing.url}/relay/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ code }),
  });

describe('wrong pairing codes', () => {
  it('get 429 from one address, also for a valid code, but not from another address', async () => {
    const client = newClient();
    const result = await statuses(CODES_PER_MINUTE + 30, (n) => pair(secret(n), client));
    expect(result).toEqual({ limited: 30, statuses: new Set([401, 429]) });
    const { code } = await pairDevice(homing, '+14155558201');
    expect((await pair(code, client)).status).toBe(429);
    expect((await pair(code, newClient())).status).toBe(200);
  });

  it('get 429 on the setup page', async () => {
    const client = newClient();
    const page = (n: number) => fetch(`${homing.url}/setup-shortcut?token=${secret(n)}`, { headers: client });
    expect(await statuses(CODES_PER_MINUTE + 5, page)).toEqual({
      limited: 5,
      statuses: new Set([404, 429]),
    });
    const form = () =>
      fetch(`${homing.url}/setup-shortcut`, {
        method: 'POST',
        headers: client,
        body: new URLSearchParams({ token: secret(1) }),
      });
    expect((await form()).status).toBe(429);
  });
});

describe('wrong device tokens', () => {
  it.each([
    ['long-polls', 'POST', '/relay/v1/poll', {}],
    ['the shortcuts', 'GET', '/shortcuts/v1/next?wait=0', {}],
    [
      'WebSockets',
      'GET',
      '/relay/v1/session',
      { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ],
  ])('get 429 from one address for %s', async (_name, method, path, more) => {
    const { request } = await import('node:http');
    const client = newClient();
    const send = (n: number) =>
      new Promise<Response>((resolve, reject) => {
        const headers = { ...client, ...more, authorization: `Bearer ${secret(n)}` };
        request(`${homing.url}${path}`, { method, headers, agent: false })
          .on('response', ({ statusCode, headers: { 'retry-after': retryAfter } }) =>
            resolve(
              new Response(null, {
                status: statusCode!,
                headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
              }),
            ),
          )
          .on('error', reject)
          .end();
      });
    expect(await statuses(TOKENS_PER_MINUTE + 10, send)).toEqual({
      limited: 10,
      statuses: new Set([401, 429]),
    });
  });

  it('do not affect the valid devices behind the same address', async () => {
    const { token } = await pairDevice(homing, '+14155558202');
    const wrong = () =>
      fetch(`${homing.url}/relay/v1/poll`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret(1)}` },
      });
    await statuses(TOKENS_PER_MINUTE + 10, wrong);
    expect((await wrong()).status).toBe(429);
    expect((await poll(homing.url, token, { wait: 0, frames: [hello()] })).status).toBe(200);
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    device.terminate();
  });
});
