/** Tests that a page of another site cannot use the session of a member: CSRF and DNS rebinding. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const PUBLIC_URL = 'https://homing.example';
const ROLE = { role: 'viewer' };

let local: RunningBroker;
let published: RunningBroker;
let proxied: RunningBroker;
let owner: DashboardClient;
let publicOwner: DashboardClient;
beforeAll(async () => {
  local = await startInProcess();
  published = await startInProcess({ HOMING_PUBLIC_URL: PUBLIC_URL });
  proxied = await startInProcess({ HOMING_TRUSTED_PROXIES: '127.0.0.1' });
  owner = await signIn(local);
  publicOwner = await signIn(published);
});
afterAll(() => Promise.all([local?.dispose(), published?.dispose(), proxied?.dispose()]));

/** Invites a viewer with exactly these headers. */
function invite(headers: Record<string, string>, body: unknown = ROLE) {
  return clientFor(local.url).request('POST', '/dashboard/api/invitations', {
    headers: { cookie: owner.cookie, ...headers },
    body,
  });
}

const countInvitations = async () => (await owner.get('/invitations')).body.invitations.length;

describe('a change', () => {
  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of the same host', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another site by its Referer', { referer: 'https://evil.example/page' }],
    ['a client without Origin and Referer', {}],
  ])('of %s is rejected', async (_, headers: Record<string, string>) => {
    const before = await countInvitations();
    const response = await invite(headers);
    expect(response.status, response.text).toBe(403);
    expect(response.body.error.code).toBe('forbidden');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await countInvitations()).toBe(before);
  });

  it('of the same host over TLS is rejected, and the error names the setting', async () => {
    const response = await invite({ origin: local.url.replace('http:', 'https:') });
    expect(response.status).toBe(403);
    expect(response.body.error.fix).toContain('HOMING_PUBLIC_URL');
  });

  it('of the dashboard is accepted with Origin or with Referer', async () => {
    expect((await invite({ origin: local.url })).status).toBe(201);
    expect((await invite({ referer: `${local.url}/dashboard/settings` })).status).toBe(201);
  });

  it('of the dashboard is accepted behind a proxy that replaces the Host header', async () => {
    const headers = { origin: PUBLIC_URL, host: '127.0.0.1:8080', cookie: publicOwner.cookie };
    const send = (changed: Record<string, string>) =>
      clientFor(published.url).request('POST', '/dashboard/api/invitations', {
        headers: { ...headers, ...changed },
        body: ROLE,
      });
    expect((await send({})).status).toBe(201);
    expect((await send({ origin: 'http://homing.example' })).status).toBe(403);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'with the content type %s is rejected',
    async (type) => {
      const response = await invite({ origin: local.url, 'content-type': type }, JSON.stringify(ROLE));
      expect(response.status).toBe(400);
      expect(response.body.error.message).toContain('application/json');
    },
  );

  it('without a body needs the origin too', async () => {
    const response = await clientFor(local.url).request('POST', '/dashboard/api/sign-out', {
      headers: { cookie: owner.cookie, origin: 'https://evil.example' },
    });
    expect(response.status).toBe(403);
    expect((await owner.get('/session')).status).toBe(200);
  });
});

describe('the Host header', () => {
  const session = (broker: RunningBroker, host: string, cookie: string) =>
    clientFor(broker.url).request('GET', '/dashboard/api/session', { headers: { host, cookie } });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:8080',
    'localhost:99999',
    'localhost@evil.example',
    '0x7f.1',
    'homing.example',
  ])('%s is rejected without a public URL', async (host) => {
    const response = await session(local, host, owner.cookie);
    expect(response.status, response.text).toBe(403);
    expect(response.body.error.message).toContain(host);
    expect(response.body.error.fix).toContain('HOMING_PUBLIC_URL');
  });

  it.each(['localhost', 'LOCALHOST:1234', '127.0.0.1:80', '192.168.1.5:8080', '[::1]:8080', '[fe80::1]'])(
    '%s is accepted without a public URL',
    async (host) => {
      expect((await session(local, host, owner.cookie)).status).toBe(200);
    },
  );

  it('is the host of the public URL or a local name, with a public URL', async () => {
    const cookie = publicOwner.cookie;
    const secure = cookie.replace('homing=', '__Host-homing=');
    expect((await session(published, 'homing.example', secure)).status).toBe(200);
    expect((await session(published, 'Homing.Example:443', secure)).status).toBe(200);
    expect((await session(published, 'localhost:8080', cookie)).status).toBe(200);
    expect((await session(published, 'www.homing.example', secure)).status).toBe(403);
    expect((await session(published, 'homing.example:8080', secure)).status).toBe(403);
  });

  it('a foreign one is rejected before the sign-in', async () => {
    const response = await clientFor(local.url).request('POST', '/dashboard/api/sign-in', {
      headers: { host: 'evil.example', origin: 'http://evil.example' },
      body: { email: 'a@example.com', password: 'x' },
    });
    expect(response.status).toBe(403);
  });
});

describe('the session cookie', () => {
  const signOut = (broker: RunningBroker, headers: Record<string, string>) =>
    clientFor(broker.url).request('POST', '/dashboard/api/sign-out', { headers });

  it('is Secure with the prefix __Host- behind a public https:// URL', async () => {
    const member = await signIn(published);
    const headers = { host: 'homing.example', origin: PUBLIC_URL };
    // The name without the prefix could be set by a page over HTTP.
    expect((await signOut(published, { ...headers, cookie: member.cookie })).status).toBe(401);
    const cookie = member.cookie.replace('homing=', '__Host-homing=');
    const response = await signOut(published, { ...headers, cookie });
    expect(response.status, response.text).toBe(204);
    expect(response.headers.get('set-cookie')).toBe(
      '__Host-homing=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
    );
  });

  it('is Secure if a trusted proxy reports TLS', async () => {
    const member = await signIn(proxied);
    const cookie = member.cookie.replace('homing=', '__Host-homing=');
    const headers = {
      host: '192.168.1.5',
      origin: 'https://192.168.1.5',
      'x-forwarded-proto': 'https',
      cookie,
    };
    const response = await signOut(proxied, headers);
    expect(response.status, response.text).toBe(204);
    expect(response.headers.get('set-cookie')).toContain('; Secure');
  });

  it('is not Secure if an unknown client reports TLS', async () => {
    const headers = { host: '192.168.1.5', origin: 'http://192.168.1.5', 'x-forwarded-proto': 'https' };
    const member = await signIn(local);
    const response = await signOut(local, { ...headers, cookie: member.cookie });
    expect(response.headers.get('set-cookie')).not.toContain('Secure');
  });
});
