/** Tests the sessions of the dashboard and the checks of every request: cookie, role, host and origin. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 86_400_000;

describe('the API of the dashboard', () => {
  let broker: RunningBroker;
  beforeAll(async () => {
    broker = await startInProcess();
  });
  afterAll(() => broker?.dispose());

  it('GET /session returns the signed-in member', async () => {
    const owner = await signIn(broker, { email: 'ada@example.com', name: 'Ada' });
    const response = await owner.get('/session');
    expect(response.status, response.text).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.body).toEqual({
      member: {
        ...{ id: owner.memberId, email: 'ada@example.com', name: 'Ada', role: 'owner' },
        ...{ createdAt: expect.any(Number), lastSeenAt: expect.any(Number) },
      },
      sessionId: owner.sessionId,
      account: { slug: 'default', plan: 'enterprise' },
      environments: ['live', 'test'],
      version: expect.stringMatching(/^\d/),
      publicUrl: broker.url,
    });
  });

  it.each([
    ['without a cookie', undefined],
    ['with an unknown token', `homing=${'a'.repeat(43)}`],
    ['with a malformed token', 'homing=x'],
  ])('GET /session returns 401 %s', async (_, cookie) => {
    const response = await dashboardClient(broker.url, cookie).get('/session');
    expect(response.status).toBe(401);
    expect(response.body).toEqual({
      error: { code: 'unauthorized', message: 'You are not signed in. Sign in again.' },
    });
  });

  it('an API key does not sign in', async () => {
    const response = await clientFor(broker.url, broker.liveKey).get('/dashboard/api/session');
    expect(response.status).toBe(401);
  });

  it('unknown paths below the base return 404 in the format of this API', async () => {
    const response = await dashboardClient(broker.url).get('/nothing');
    expect(response.status).toBe(404);
    expect(response.body.error.code).toBe('not_found');
  });

  it('POST /sign-out ends the session and deletes the cookie', async () => {
    const member = await signIn(broker, { role: 'viewer' });
    const response = await member.post('/sign-out');
    expect(response.status, response.text).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^homing=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/,
    );
    expect((await member.get('/session')).status).toBe(401);
  });

  it('a session ends after 30 days without a request', async () => {
    const member = await signIn(broker, { idleMs: 30 * DAY_MS });
    expect((await member.get('/session')).status).toBe(401);
  });

  it('a request extends a session and its cookie, at most every five minutes', async () => {
    const member = await signIn(broker, { idleMs: 29 * DAY_MS });
    const first = await member.get('/session');
    expect(first.status).toBe(200);
    expect(first.headers.get('set-cookie')).toBe(
      `${member.cookie}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict`,
    );
    await until('the session is extended', async () => {
      const [session] = (await member.get('/sessions')).body.sessions;
      return session.expiresAt > Date.now() + 29 * DAY_MS;
    });
    expect((await member.get('/session')).headers.get('set-cookie')).toBeNull();
  });
});
