/** Checks the access to /metrics of the real program. */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { clientFor, expectError } from '../../support/http-client.ts';

const TOKEN = 'a-token-for-prometheus';
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The address of this machine in its network. */
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

  it('returns the metrics to this machine in the text format of Prometheus', async () => {
    const response = await get(local());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(CONTENT_TYPE);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.text).toMatch(/^# HELP homing_messages_accepted_total /m);
    expect(response.text.endsWith('\n')).toBe(true);
  });

  it.each([
    ['x-forwarded-for', '203.0.113.7'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-for', ''],
    ['forwarded', 'for=203.0.113.7'],
  ])('returns 404 to a request through a proxy (%s: %s)', async (name, value) => {
    expectError(await get(local(), { [name]: value }), 404, 'not_found');
  });

  it('returns 404 instead of 405 to a request without access', async () => {
    const post = (headers: Record<string, string>) =>
      clientFor(local()).request('POST', '/metrics', { headers, body: {} });
    const rejected = await post({ 'x-forwarded-for': '203.0.113.7' });
    expectError(rejected, 404, 'not_found');
    expect(rejected.headers.get('allow')).toBeNull();
    expectError(await post({}), 405, 'method_not_allowed');
  });

  it('returns the same response as an unknown path to a request without access', async () => {
    const rejected = await get(local(), { 'x-forwarded-for': '203.0.113.7' });
    const unknown = await clientFor(local()).get('/metricz');
    expect(rejected.text).toBe(unknown.text.replace('/metricz', '/metrics'));
  });

  it.skipIf(outside === undefined)(
    'returns 404 to other machines (skipped without a network address)',
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

  it('returns the metrics with the token, also through a proxy', async () => {
    const byProxy: Record<string, string> = { 'x-forwarded-for': '203.0.113.7' };
    for (const more of [{}, byProxy]) {
      const response = await get({ authorization: `Bearer ${TOKEN}`, ...more });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(CONTENT_TYPE);
    }
  });

  it.each([
    ['no header', undefined],
    ['another token', 'Bearer another-token-altogether'],
    ['the beginning of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more than the token', `Bearer ${TOKEN}x`],
    ['an empty token', 'Bearer '],
    ['another scheme', `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`],
  ])('returns 401 with %s, also to this machine', async (_, authorization) => {
    const response = await get(authorization === undefined ? {} : { authorization });
    expectError(response, 401, 'unauthorized');
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.text).not.toContain('homing_');
  });

  it('rejects API keys, and the token is rejected by other APIs', async () => {
    expectError(await get({ authorization: `Bearer ${homing.liveKey}` }), 401, 'unauthorized');
    expectError(await clientFor(homing.url, TOKEN).get('/v1/messages'), 401, 'unauthorized');
  });

  it('does not show the token in the log and in `homing config`', async () => {
    await get({ authorization: `Bearer ${TOKEN}` });
    const { stdout } = await homing.cli('config');
    expect(stdout).toContain('HOMING_METRICS_TOKEN');
    expect(stdout + homing.log()).not.toContain(TOKEN);
  });

  it.each(['short', 'with a space in it', 'täglich-wechselnd-lang'])(
    "does not start with the token '%s', and does not print the token",
    async (token) => {
      const { status, stderr } = await runCli(['serve'], { HOMING_METRICS_TOKEN: token });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/HOMING_METRICS_TOKEN was given a value; allowed: 16 to 200/);
      expect(stderr).not.toContain(token);
    },
  );
});
