/** Tests the access to the dashboard with the real program: sign-in, roles, and attacks on both. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import { dashboardClient, newSignInLink, signIn, tokenIn } from '../../support/dashboard.ts';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { clientFor, createAccount } from '../../support/http-client.ts';

const PASSWORD = 'correct horse battery';
const LINK = /\/dashboard\/sign-in#token=([\w-]{43})$/;

let homing: HomingProcess;
let anonymous: ReturnType<typeof dashboardClient>;
beforeAll(async () => {
  homing = await startHoming();
  anonymous = dashboardClient(homing.url);
});
afterAll(() => homing?.dispose());

/** Returns the token of the link that `homing dashboard` prints. */
async function linkFrom(...args: string[]): Promise<string> {
  const result = await homing.cli('dashboard', '--json', ...args);
  expect(result.status, result.stderr).toBe(0);
  const [{ url }] = result.json;
  expect(url.startsWith(`${homing.url}/`)).toBe(true);
  return LINK.exec(url)![1]!;
}

/** Adds a member with a password to the default account. */
async function newMember(): Promise<string> {
  const { email } = await signIn(homing, { role: 'member' });
  const token = await newSignInLink(homing, { email });
  const response = await anonymous.post('/sign-in/link', { token, password: PASSWORD });
  expect(response.status, response.text).toBe(200);
  return email;
}

/** Returns all text values of the tables of members. */
async function storedTexts(): Promise<string> {
  const tables = ['members', 'member_sessions', 'sign_in_links', 'passkeys', 'member_changes'];
  return JSON.stringify(await Promise.all(tables.map((table) => rowsOf(homing, `SELECT * FROM ${table}`))));
}

describe('homing dashboard', () => {
  it('prints a link that creates the owner, who signs in with the password and invites a viewer', async () => {
    await createAccount(homing, 'acme');
    const token = await linkFrom('--account', 'acme');
    const given = { token, name: 'Ada', email: 'ada@acme.example', password: PASSWORD };
    const used = await anonymous.post('/sign-in/link', given);
    expect(used.status, used.text).toBe(200);
    const signedIn = await anonymous.post('/sign-in', { email: 'ADA@acme.example', password: PASSWORD });
    expect(signedIn.status, signedIn.text).toBe(200);
    const owner = dashboardClient(homing.url, `homing=${tokenIn(signedIn)}`);
    expect((await owner.get('/session')).body).toMatchObject({
      member: { name: 'Ada', role: 'owner' },
      account: { slug: 'acme' },
    });

    const invitation = (await owner.post('/invitations', { role: 'viewer' })).body;
    const guest = await anonymous.post('/sign-in/link', {
      ...{ token: LINK.exec(invitation.url)![1], name: 'Kim', email: 'kim@acme.example', password: PASSWORD },
    });
    expect(guest.status, guest.text).toBe(200);
    const viewer = dashboardClient(homing.url, `homing=${tokenIn(guest)}`);
    expect((await viewer.get('/members')).body.members).toHaveLength(2);
    expect((await viewer.post('/invitations', { role: 'owner' })).status).toBe(403);

    const stored = await storedTexts();
    for (const secret of [PASSWORD, token, tokenIn(used), tokenIn(signedIn), invitation.url]) {
      expect(stored).not.toContain(secret);
      expect(homing.log()).not.toContain(secret);
    }
    expect(stored).toContain(createHash('sha256').update(tokenIn(signedIn)).digest('hex'));
  });

  it('prints a link for the owner of the account, or for a member by e-mail address', async () => {
    await createAccount(homing, 'beta');
    const owner = await signIn(homing, { account: 'beta' });
    const member = await signIn(homing, { account: 'beta', role: 'viewer' });
    const inspect = async (token: string) => (await anonymous.post('/sign-in/link/inspect', { token })).body;
    expect(await inspect(await linkFrom('--account', 'beta'))).toMatchObject({
      ...{ account: 'beta', email: owner.email, role: 'owner', hasPassword: true },
    });
    const forMember = await linkFrom('--account', 'beta', '--email', member.email.toUpperCase());
    expect(await inspect(forMember)).toMatchObject({ email: member.email, role: 'viewer' });
  });

  it.each([
    ['an unknown account', ['--account', 'nowhere'], "Account 'nowhere' not found."],
    [
      'an unknown member',
      ['--email', 'nobody@example.com'],
      "A member 'nobody@example.com' of account 'default' not found.",
    ],
  ])('exits with 1 for %s', async (_, args, message) => {
    const result = await homing.cli('dashboard', ...args);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toContain(message);
  });

  it('prints the public URL, and a name that a browser can open instead of 0.0.0.0', async () => {
    const urlWith = async (env: Record<string, string>) => {
      const result = await runCli(['dashboard'], { ...homing.database.settings, ...env });
      expect(result.stderr).toContain('30 minutes');
      return result.stdout.trim();
    };
    expect(await urlWith({ HOMING_PUBLIC_URL: 'https://homing.example/' })).toMatch(
      /^https:\/\/homing\.example\/dashboard\/sign-in#token=[\w-]{43}$/,
    );
    const open = await startHoming({ HOMING_HOST: '0.0.0.0' });
    try {
      const { port } = new URL(open.url);
      const [{ url }] = (await open.cli('dashboard', '--json')).json;
      expect(url).toMatch(new RegExp(`^http://localhost:${port}/dashboard/sign-in#token=`));
    } finally {
      await open.dispose();
    }
  });
});

describe('an attacker', () => {
  it('cannot guess a password: failed sign-ins are limited, also for the right password', async () => {
    const email = await newMember();
    let response = await anonymous.post('/sign-in', { email, password: 'wrong password' });
    for (let count = 1; response.status === 401 && count <= 20; count += 1) {
      response = await anonymous.post('/sign-in', { email, password: 'wrong password' });
    }
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await anonymous.post('/sign-in', { email, password: PASSWORD })).status).toBe(429);
  });

  it('cannot choose the session of a member before the sign-in', async () => {
    const email = await newMember();
    const chosen = `homing=${'f'.repeat(43)}`;
    const victim = dashboardClient(homing.url, chosen);
    const response = await victim.post('/sign-in', { email, password: PASSWORD });
    expect(response.status, response.text).toBe(200);
    expect(tokenIn(response)).not.toBe('f'.repeat(43));
    expect((await victim.get('/session')).status).toBe(401);
  });

  it('cannot send a change from another site', async () => {
    const owner = await signIn(homing);
    const response = await owner.request('POST', '/invitations', {
      headers: { origin: 'https://evil.example' },
      body: { role: 'owner' },
    });
    expect(response.status).toBe(403);
    expect((await owner.get('/invitations')).body.invitations).toEqual([]);
  });

  it.each(['/', '/dashboard', '/dashboard/sign-in', '/dashboard/api/session'])(
    'cannot read %s by DNS rebinding',
    async (path) => {
      const owner = await signIn(homing);
      const headers = { host: 'evil.example', cookie: owner.cookie, accept: 'text/html' };
      const response = await clientFor(homing.url).request('GET', path, { headers });
      expect(response.status).toBe(403);
      expect(response.text).toContain('HOMING_PUBLIC_URL');
    },
  );

  it('cannot use an ended session', async () => {
    const member = await signIn(homing);
    const other = await signIn(homing, { email: 'second@example.com' });
    expect((await member.delete(`/sessions/${member.sessionId}`)).status).toBe(204);
    expect((await member.get('/session')).status).toBe(401);
    expect((await other.delete(`/members/${member.memberId}`)).status).toBe(204);
    expect((await member.post('/invitations', { role: 'owner' })).status).toBe(401);
  });

  it('cannot use a used, expired or replaced link', async () => {
    const { email } = await signIn(homing);
    const used = await newSignInLink(homing, { email });
    expect((await anonymous.post('/sign-in/link', { token: used })).status).toBe(200);
    const expired = await newSignInLink(homing, { email, ageMs: 30 * 60_000 });
    const replaced = await newSignInLink(homing, { email });
    await newSignInLink(homing, { email });
    for (const token of [used, expired, replaced]) {
      const response = await anonymous.post('/sign-in/link', { token, password: PASSWORD });
      expect(response.status, response.text).toBe(410);
      expect(response.headers.get('set-cookie')).toBeNull();
    }
  });

  it('cannot create two owners with one link at the same time', async () => {
    await createAccount(homing, 'race');
    const token = await newSignInLink(homing, { account: 'race' });
    const responses = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        anonymous.post('/sign-in/link', {
          ...{ token, name, email: `${name}@race.example`, password: PASSWORD },
        }),
      ),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
  });

  it.each(['viewer', 'member'] as const)('with the role %s cannot manage the account', async (role) => {
    const attacker = await signIn(homing, { role });
    const owner = await signIn(homing);
    for (const response of [
      await attacker.patch(`/members/${attacker.memberId}`, { role: 'owner' }),
      await attacker.delete(`/members/${owner.memberId}`),
      await attacker.post('/invitations', { role: 'owner' }),
      await attacker.get('/audit'),
    ]) {
      expect(response.status, response.text).toBe(403);
    }
  });

  it('cannot find the members and the sessions of another account', async () => {
    await createAccount(homing, 'elsewhere');
    const attacker = await signIn(homing, { account: 'elsewhere' });
    const owner = await signIn(homing);
    for (const response of [
      await attacker.get(`/members/${owner.memberId}`),
      await attacker.delete(`/members/${owner.memberId}`),
      await attacker.patch(`/members/${owner.memberId}`, { role: 'viewer' }),
      await attacker.delete(`/sessions/${owner.sessionId}`),
    ]) {
      expect(response.status, response.text).toBe(404);
    }
    expect((await attacker.get('/members')).text).not.toContain(owner.email);
    expect((await attacker.get('/audit')).text).not.toContain(owner.email);
  });
});

it('a session outlasts a restart of the broker', async () => {
  const member = await signIn(homing);
  await homing.stop();
  await homing.restart();
  expect((await member.get('/session')).status).toBe(200);
});
