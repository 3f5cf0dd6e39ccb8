/** Who may read the figures of the real program. */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { clientFor, expectError } from '../../support/http-client.ts';

const TOKEN = 'a-token-for-prometheus';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** This machine as others on its network see it. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

describe('/metrics without a token', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_HOST: '0.0.0.0' });
  });
  afterAll(() => homing?.dispose());

  const local = () => `http://127.0.0.1:${new URL(homing.url).port}`;
  const get = (url: string, headers: Record<string, string> = {}) =>
    clientFor(url).request('GET', '/metrics', { headers });

  it('answers a program on this machine in the text format of Prometheus', async () => {
    const answer = await get(local());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(CONTENT_TYPE);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.text).toMatch(/^# HELP homing_messages_accepted_total /m);
    expect(answer.text.endsWith('\n')).toBe(true);
  });

  it.each([
    ['x-forwarded-for', '203.0.113.7'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-for', ''],
    ['forwarded', 'for=203.0.113.7'],
  ])('is not there for what a proxy passes on (%s: %s)', async (name, value) => {
    expectError(await get(local(), { [name]: value }), 404, 'not_found');
  });

  it('has no methods for who may not read it', async () => {
    const post = (headers: Record<string, string>) =>
      clientFor(local()).request('POST', '/metrics', { headers, body: {} });
    const refused = await post({ 'x-forwarded-for': '203.0.113.7' });
    expectError(refused, 404, 'not_found');
    expect(refused.headers.get('allow')).toBeNull();
    expectError(await post({}), 405, 'method_not_allowed');
  });

  it('says no more than a path that is not there', async () => {
    const refused = await get(local(), { 'x-forwarded-for': '203.0.113.7' });
    const unknown = await clientFor(local()).get('/metricz');
    expect(refused.text).toBe(unknown.text.replace('/metricz', '/metrics'));
  });

  it.skipIf(outside === undefined)(
    'is not there for other machines (skipped where this one has no address on a network)',
    async () => {
      const url = `http://${outside}:${new URL(homing.url).port}`;
      expectError(await get(url), 404, 'not_found');
      expectError(await get(url, { authorization: `Bearer ${TOKEN}` }), 404, 'not_found');
      expect((await clientFor(url).get('/healthz')).status).toBe(200);
    },
  );
});

describe('/metrics with a token', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_METRICS_TOKEN: TOKEN });
  });
  afterAll(() => homing?.dispose());

  const get = (headers: Record<string, string>) =>
    clientFor(homing.url).request('GET', '/metrics', { headers });

  it('answers who shows it, also by way of a proxy', async () => {
    const byProxy: Record<string, string> = { 'x-forwarded-for': '203.0.113.7' };
    for (const more of [{}, byProxy]) {
      const answer = await get({ authorization: `Bearer ${TOKEN}`, ...more });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe(CONTENT_TYPE);
    }
  });

  it.each([
    ['nothing', undefined],
    ['another token', 'Bearer another-token-altogether'],
    ['the beginning of it', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more than it', `Bearer ${TOKEN}x`],
    ['an empty one', 'Bearer '],
    ['another scheme', `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`],
  ])('refuses who shows %s, also on this machine', async (_, authorization) => {
    const answer = await get(authorization === undefined ? {} : { authorization });
    expectError(answer, 401, 'unauthorized');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.text).not.toContain('homing_');
  });

  it('takes no API key for it, and the token opens nothing else', async () => {
    expectError(await get({ authorization: `Bearer ${homing.liveKey}` }), 401, 'unauthorized');
    expectError(await clientFor(homing.url, TOKEN).get('/v1/messages'), 401, 'unauthorized');
  });

  it('keeps it out of the log and of `homing config`', async () => {
    await get({ authorization: `Bearer ${TOKEN}` });
    const { stdout } = await homing.cli('config');
    expect(stdout).toContain('HOMING_METRICS_TOKEN');
    expect(stdout + homing.log()).not.toContain(TOKEN);
  });

  it.each(['short', 'with a space in it', 'täglich-wechselnd-lang'])(
    "refuses to start with '%s', and does not say it again",
    async (token) => {
      const { status, stderr } = await runCli(['serve'], { HOMING_METRICS_TOKEN: token });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/HOMING_METRICS_TOKEN was given a value; allowed: 16 to 200/);
      expect(stderr).not.toContain(token);
    },
  );
});
