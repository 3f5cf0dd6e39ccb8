/** Tests the sign-in with one-time links and passwords. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { createInvitation } from '../../../broker/core/members/sign-in-links.ts';
import {
  type DashboardClient,
  dashboardClient,
  newSignInLink,
  signIn,
  tokenIn,
} from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, createAccount, type HttpResponse } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const MINUTE_MS = 60_000;
const PASSWORD = 'correct horse battery';

let broker: RunningBroker;
let anonymous: ReturnType<typeof dashboardClient>;
beforeAll(async () => {
  broker = await startInProcess();
  anonymous = dashboardClient(broker.url);
});
afterAll(() => broker?.dispose());

/** Returns the token of an invitation by the member. */
function invite({ memberId }: DashboardClient, account = 'default'): Promise<string> {
  return besideBroker(broker, (store, context) =>
    store.transaction(async (tx) => {
      const { accountId } = await findTenant(tx, account, 'live');
      const owner = (await tx.members.find(accountId, memberId.slice('mem_'.length)))!;
      return (await createInvitation(tx, owner, { role: 'viewer', label: '' }, context)).token;
    }),
  );
}

/** Repeats the attempt until the status is 429, after `max` attempts or, if a new window begins meanwhile, up to twice as many. */
async function untilRejected(attempt: () => Promise<HttpResponse>, status: number, max: number) {
  for (let count = 0; count <= 2 * max; count += 1) {
    const response = await attempt();
    if (response.status === 429 && count >= max) return;
    expect(response.status).toBe(status);
  }
  throw new Error(`None of ${2 * max} attempts was rejected.`);
}

describe('a sign-in link', () => {
  it('creates the first owner of an account, signs in and works once', async () => {
    await createAccount(broker, 'first');
    const token = await newSignInLink(broker, { account: 'first' });
    const inspected = await anonymous.post('/sign-in/link/inspect', { token });
    expect(inspected.status, inspected.text).toBe(200);
    expect(inspected.body).toEqual({
      account: 'first',
      role: 'owner',
      expiresAt: expect.any(Number),
      ...{ name: null, email: null, hasPassword: false },
    });
    expect(inspected.body.expiresAt - Date.now()).toBeGreaterThan(29 * MINUTE_MS);

    const given = { name: ' Ada ', email: 'Ada@Example.com', password: PASSWORD };
    const used = await anonymous.post('/sign-in/link', { token, ...given });
    expect(used.status, used.text).toBe(200);
    expect(used.body).toMatchObject({
      member: { name: 'Ada', email: 'ada@example.com', role: 'owner' },
      account: { slug: 'first', plan: 'enterprise' },
    });
    expect(used.headers.get('set-cookie')).toMatch(
      /^homing=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    const signedIn = dashboardClient(broker.url, `homing=${tokenIn(used)}`);
    expect((await signedIn.get('/session')).body).toEqual(used.body);

    for (const path of ['/sign-in/link', '/sign-in/link/inspect']) {
      const again = await anonymous.post(path, { token });
      expect(again.status, again.text).toBe(410);
      expect(again.body.error.message).toBe('This sign-in link was used already.');
      expect(again.body.error.fix).toContain('homing dashboard');
    }
  });

  it('signs in a member without a new password, and replaces the earlier link', async () => {
    const { email, memberId } = await signIn(broker, { role: 'viewer' });
    const earlier = await newSignInLink(broker, { email });
    const token = await newSignInLink(broker, { email });
    expect((await anonymous.post('/sign-in/link', { token: earlier })).body.error.message).toBe(
      'This sign-in link was revoked.',
    );
    expect((await anonymous.post('/sign-in/link/inspect', { token })).body).toMatchObject({
      ...{ name: 'Robin Doe', email, hasPassword: true },
    });
    const used = await anonymous.post('/sign-in/link', { token });
    expect(used.status, used.text).toBe(200);
    expect(used.body.member.id).toBe(memberId);
  });

  it('replaces a forgotten password, which ends the other sessions', async () => {
    const member = await signIn(broker, { role: 'member' });
    const token = await newSignInLink(broker, { email: member.email });
    expect((await anonymous.post('/sign-in/link', { token, password: PASSWORD })).status).toBe(200);
    expect((await member.get('/session')).status).toBe(401);
    const response = await anonymous.post('/sign-in', { email: member.email, password: PASSWORD });
    expect(response.status, response.text).toBe(200);
  });

  it('expires after 30 minutes', async () => {
    const { email } = await signIn(broker);
    const token = await newSignInLink(broker, { email, ageMs: 30 * MINUTE_MS });
    const response = await anonymous.post('/sign-in/link', { token });
    expect(response.status).toBe(410);
    expect(response.body.error.message).toBe('This sign-in link has expired.');
  });

  it('stays usable after a request with an e-mail address of another member', async () => {
    const { email } = await signIn(broker);
    await createAccount(broker, 'taken');
    const token = await newSignInLink(broker, { account: 'taken' });
    const taken = await anonymous.post('/sign-in/link', {
      ...{ token, name: 'Ada', email: email.toUpperCase(), password: PASSWORD },
    });
    expect(taken.status).toBe(409);
    expect(taken.body.error.param).toBe('email');
    expect((await anonymous.post('/sign-in/link/inspect', { token })).status).toBe(200);
  });

  it('of a former owner invites no one', async () => {
    const owner = await signIn(broker);
    const token = await invite(owner);
    expect((await anonymous.post('/sign-in/link/inspect', { token })).body.role).toBe('viewer');
    await besideBroker(broker, (store) =>
      store.transaction((tx) => tx.members.setRole(owner.memberId.slice(4), 'member')),
    );
    const response = await anonymous.post('/sign-in/link/inspect', { token });
    expect(response.status).toBe(410);
    expect(response.body.error.message).toBe('This sign-in link was created by a former owner.');
  });

  it.each([
    ['an unknown token', { token: 'x'.repeat(43) }, 404, undefined],
    ['no token', {}, 400, 'token'],
    ['a short password', { token: 'x'.repeat(43), password: 'too short' }, 400, 'password'],
    ['a long password', { token: 'x'.repeat(43), password: 'x'.repeat(201) }, 400, 'password'],
    ['no e-mail address', { token: 'x'.repeat(43), email: 'ada' }, 400, 'email'],
    ['an empty name', { token: 'x'.repeat(43), name: '  ' }, 400, 'name'],
  ])('POST /sign-in/link rejects %s', async (_, body, status, param) => {
    const response = await anonymous.post('/sign-in/link', body);
    expect(response.status, response.text).toBe(status);
    expect(response.body.error.param).toBe(param);
  });

  it.each(['name', 'email', 'password'])('of a new member requires the field %s', async (field) => {
    await createAccount(broker, `without-${field}`);
    const token = await newSignInLink(broker, { account: `without-${field}` });
    const given = { token, name: 'Ada', email: `${field}@example.com`, password: PASSWORD };
    const response = await anonymous.post('/sign-in/link', { ...given, [field]: undefined });
    expect(response.status, response.text).toBe(400);
    expect(response.body.error.param).toBe(field);
  });
});

describe('POST /sign-in', () => {
  const newMember = async () => {
    const { email } = await signIn(broker);
    const token = await newSignInLink(broker, { email });
    expect((await anonymous.post('/sign-in/link', { token, password: PASSWORD })).status).toBe(200);
    return email;
  };

  it('signs in with another case of the e-mail address and a new token each time', async () => {
    const email = await newMember();
    const first = await anonymous.post('/sign-in', { email: ` ${email.toUpperCase()}`, password: PASSWORD });
    expect(first.status, first.text).toBe(200);
    const before = dashboardClient(broker.url, `homing=${tokenIn(first)}`);
    const second = await before.post('/sign-in', { email, password: PASSWORD });
    expect(second.status, second.text).toBe(200);
    expect(tokenIn(second)).not.toBe(tokenIn(first));
    // The earlier session of this browser ended.
    expect((await before.get('/session')).status).toBe(401);
  });

  it('returns the same error for a wrong password, an unknown address and a removed member', async () => {
    const email = await newMember();
    const removed = await signIn(broker);
    await besideBroker(broker, (store) =>
      store.transaction((tx) => tx.members.remove(removed.memberId.slice(4), Date.now())),
    );
    for (const given of [email, 'unknown@example.com', removed.email]) {
      const response = await anonymous.post('/sign-in', { email: given, password: 'wrong password' });
      expect(response.status).toBe(401);
      expect(response.headers.get('set-cookie')).toBeNull();
      expect(response.body).toEqual({
        error: { code: 'unauthorized', message: 'The e-mail address or the password is wrong.' },
      });
    }
  });

  it.each([
    ['a known', true],
    ['an unknown', false],
  ])('accepts ten wrong passwords in 15 minutes for %s e-mail address', async (_, isKnown) => {
    const email = isKnown ? await newMember() : 'guessed@example.com';
    const attempt = (password: string) => anonymous.post('/sign-in', { email, password });
    await untilRejected(() => attempt('wrong password'), 401, 10);
    const response = await attempt(PASSWORD);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(900);
    // Another member signs in.
    const other = await newMember();
    expect((await anonymous.post('/sign-in', { email: other, password: PASSWORD })).status).toBe(200);
  });

  it('accepts 50 wrong links in 15 minutes from one address', async () => {
    const own = await startInProcess();
    try {
      const client = dashboardClient(own.url);
      const attempt = () => client.post('/sign-in/link/inspect', { token: 'x'.repeat(43) });
      await untilRejected(attempt, 404, 50);
    } finally {
      await own.dispose();
    }
  });
});
