/** Tests members, roles, invitations and the audit log. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purgeMembers } from '../../../broker/core/messages/retention.ts';
import { type DashboardClient, dashboardClient, newSignInLink, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { besideBroker, createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const PASSWORD = 'correct horse battery';
const DAY_MS = 86_400_000;

let broker: RunningBroker;
/** Name of an account for one test. */
let account: string;
let count = 0;
beforeAll(async () => {
  broker = await startInProcess();
});
afterAll(() => broker?.dispose());
beforeEach(async () => {
  count += 1;
  account = `account-${count}`;
  await createAccount(broker, account);
});

const join = (role: 'owner' | 'member' | 'viewer') => signIn(broker, { role, account });

const audited = async (owner: DashboardClient) =>
  (await owner.get('/audit')).body.entries.map(
    (entry: { action: string; target: string; detail: unknown }) => ({
      ...{ action: entry.action, target: entry.target, detail: entry.detail },
    }),
  );

describe('members', () => {
  it('lists the members of the account only', async () => {
    const owner = await join('owner');
    const viewer = await join('viewer');
    const list = await viewer.get('/members');
    expect(list.status, list.text).toBe(200);
    expect(list.body.members.map(({ id, role }: { id: string; role: string }) => [id, role])).toEqual([
      [owner.memberId, 'owner'],
      [viewer.memberId, 'viewer'],
    ]);
    expect((await viewer.get(`/members/${owner.memberId}`)).body).toEqual(list.body.members[0]);
  });

  it('an owner changes the role of a member, which the next request of the member has', async () => {
    const owner = await join('owner');
    const member = await join('viewer');
    const changed = await owner.patch(`/members/${member.memberId}`, { role: 'owner', name: 'Kim' });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toMatchObject({ id: member.memberId, role: 'owner', name: 'Kim' });
    expect((await member.get('/audit')).status).toBe(200);
    expect(await audited(owner)).toEqual([
      { action: 'member.changed', target: member.memberId, detail: { role: 'owner', name: 'Kim' } },
    ]);
  });

  it('the last owner cannot leave or become a member', async () => {
    const owner = await join('owner');
    await join('member');
    for (const response of [
      await owner.patch(`/members/${owner.memberId}`, { role: 'member' }),
      await owner.delete(`/members/${owner.memberId}`),
    ]) {
      expect(response.status, response.text).toBe(409);
      expect(response.body.error.message).toContain('the last owner');
    }
    expect(await audited(owner)).toEqual([]);
  });

  it('a removed member is signed out, and the e-mail address is free again', async () => {
    const owner = await join('owner');
    const member = await join('member');
    expect((await owner.delete(`/members/${member.memberId}`)).status).toBe(204);
    expect((await member.get('/session')).status).toBe(401);
    expect((await owner.delete(`/members/${member.memberId}`)).status).toBe(404);
    const again = await signIn(broker, { role: 'viewer', account, email: member.email });
    expect((await again.get('/session')).status).toBe(200);
    expect(await audited(owner)).toEqual([
      {
        ...{ action: 'member.removed', target: member.memberId },
        detail: { email: member.email, name: 'Robin Doe', role: 'member' },
      },
    ]);
  });

  it('the ids of another account return 404', async () => {
    const owner = await join('owner');
    const other = await signIn(broker);
    const { body: invitation } = await other.post('/invitations', { role: 'viewer' });
    for (const response of [
      await owner.get(`/members/${other.memberId}`),
      await owner.patch(`/members/${other.memberId}`, { role: 'viewer' }),
      await owner.delete(`/members/${other.memberId}`),
      await owner.delete(`/invitations/${invitation.id}`),
      await owner.delete(`/sessions/${other.sessionId}`),
      await owner.get('/members/mem_x'),
    ]) {
      expect(response.status, response.text).toBe(404);
    }
    expect((await other.get('/session')).status).toBe(200);
  });

  it.each(['member', 'viewer'] as const)('a %s cannot manage members', async (role) => {
    const owner = await join('owner');
    const member = await join(role);
    for (const response of [
      await member.patch(`/members/${member.memberId}`, { role: 'owner' }),
      await member.delete(`/members/${owner.memberId}`),
      await member.get('/invitations'),
      await member.post('/invitations', { role: 'owner' }),
      await member.get('/audit'),
    ]) {
      expect(response.status, response.text).toBe(403);
      expect(response.body.error).toEqual({
        code: 'forbidden',
        message: `This needs the role 'owner', but your role is '${role}'.`,
        fix: 'Ask an owner of the account to change your role.',
      });
    }
  });
});

describe('invitations', () => {
  it('an invitation is shown once, listed, and creates a member with its role', async () => {
    const owner = await join('owner');
    const created = await owner.post('/invitations', { role: 'member', label: 'Kim' });
    expect(created.status, created.text).toBe(201);
    const { url, ...shown } = created.body;
    expect(shown).toEqual({
      ...{ id: expect.stringMatching(/^inv_/), role: 'member', label: 'Kim' },
      ...{ createdAt: expect.any(Number), expiresAt: expect.any(Number) },
    });
    expect(shown.expiresAt - Date.now()).toBeGreaterThan(6.9 * DAY_MS);
    expect((await owner.get('/invitations')).body.invitations).toEqual([shown]);

    expect(url).toMatch(new RegExp(`^${broker.url}/dashboard/sign-in#token=`));
    const token = url.split('#token=')[1];
    const given = { name: 'Kim', email: `kim-${account}@example.com`, password: PASSWORD };
    const used = await dashboardClient(broker.url).post('/sign-in/link', { token, ...given });
    expect(used.status, used.text).toBe(200);
    expect(used.body.member).toMatchObject({ name: 'Kim', role: 'member' });
    expect((await owner.get('/invitations')).body.invitations).toEqual([]);
  });

  it('a revoked invitation does not work', async () => {
    const owner = await join('owner');
    const { body } = await owner.post('/invitations', { role: 'viewer' });
    expect((await owner.delete(`/invitations/${body.id}`)).status).toBe(204);
    expect((await owner.delete(`/invitations/${body.id}`)).status).toBe(404);
    const token = body.url.split('#token=')[1];
    const response = await dashboardClient(broker.url).post('/sign-in/link/inspect', { token });
    expect(response.status).toBe(410);
    expect(response.body.error.message).toBe('This sign-in link was revoked.');
  });

  it.each([
    ['no role', {}, 'role'],
    ['an unknown role', { role: 'admin' }, 'role'],
    ['a long label', { role: 'viewer', label: 'x'.repeat(101) }, 'label'],
  ])('POST /invitations rejects %s', async (_, body, param) => {
    const owner = await join('owner');
    const response = await owner.post('/invitations', body);
    expect(response.status).toBe(400);
    expect(response.body.error.param).toBe(param);
  });

  it('an account has at most 100 open invitations', async () => {
    const owner = await join('owner');
    for (let i = 0; i < 100; i += 1) {
      expect((await owner.post('/invitations', { role: 'viewer' })).status).toBe(201);
    }
    expect((await owner.post('/invitations', { role: 'viewer' })).status).toBe(402);
  });
});

describe('sessions and the password', () => {
  it('a member lists and ends sessions', async () => {
    const member = await join('viewer');
    const token = await newSignInLink(broker, { account, email: member.email });
    await dashboardClient(broker.url).post('/sign-in/link', { token });
    const { sessions } = (await member.get('/sessions')).body;
    expect(sessions).toHaveLength(2);
    expect(sessions[1]).toEqual({
      ...{ id: member.sessionId, isCurrent: true, userAgent: 'test', address: '127.0.0.1' },
      ...{ createdAt: expect.any(Number), lastUsedAt: expect.any(Number), expiresAt: expect.any(Number) },
    });
    expect((await member.delete(`/sessions/${sessions[0].id}`)).status).toBe(204);
    expect((await member.get('/sessions')).body.sessions).toHaveLength(1);
    expect((await member.delete(`/sessions/${sessions[0].id}`)).status).toBe(404);
    const ended = await member.delete(`/sessions/${member.sessionId}`);
    expect(ended.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await member.get('/sessions')).status).toBe(401);
  });

  it('the session of another member returns 404', async () => {
    const member = await join('viewer');
    const owner = await join('owner');
    expect((await owner.delete(`/sessions/${member.sessionId}`)).status).toBe(404);
  });

  it('the 51st session of a member ends the oldest', async () => {
    const member = await join('viewer');
    for (let i = 0; i < 50; i += 1) {
      const token = await newSignInLink(broker, { account, email: member.email });
      expect((await dashboardClient(broker.url).post('/sign-in/link', { token })).status).toBe(200);
    }
    expect((await member.get('/session')).status).toBe(401);
  });

  it('PUT /password ends the other sessions and keeps this one', async () => {
    const { email } = await join('member');
    const anonymous = dashboardClient(broker.url);
    const token = await newSignInLink(broker, { account, email });
    await anonymous.post('/sign-in/link', { token, password: PASSWORD });
    const signInAgain = async () => {
      const response = await anonymous.post('/sign-in', { email, password: PASSWORD });
      const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
      return dashboardClient(broker.url, cookie);
    };
    const first = await signInAgain();
    const second = await signInAgain();
    const wrong = await second.put('/password', { currentPassword: 'x', newPassword: 'a new password' });
    expect(wrong.status, wrong.text).toBe(400);
    expect(wrong.body.error).toEqual({
      ...{ code: 'invalid_request', message: 'The current password is wrong.', param: 'currentPassword' },
    });
    const body = { currentPassword: PASSWORD, newPassword: 'a new password' };
    expect((await second.put('/password', body)).status).toBe(204);
    expect((await first.get('/session')).status).toBe(401);
    expect((await second.get('/session')).status).toBe(200);
    expect((await anonymous.post('/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await anonymous.post('/sign-in', { email, password: 'a new password' })).status).toBe(200);
  });
});

describe('the audit log', () => {
  it('returns pages, newest first, with the member', async () => {
    const owner = await join('owner');
    for (const name of ['a', 'b', 'c']) await owner.patch(`/members/${owner.memberId}`, { name });
    const first = (await owner.get('/audit?limit=2')).body;
    expect(first.entries.map(({ detail }: { detail: { name: string } }) => detail.name)).toEqual(['c', 'b']);
    expect(first.entries[0]).toEqual({
      ...{ id: expect.stringMatching(/^aud_/), at: expect.any(Number), environment: null },
      member: { id: owner.memberId, name: 'c', email: owner.email },
      ...{ action: 'member.changed', target: owner.memberId, detail: { name: 'c' } },
    });
    const second = (await owner.get(`/audit?limit=2&cursor=${first.next}`)).body;
    expect(second.entries.map(({ detail }: { detail: { name: string } }) => detail.name)).toEqual(['a']);
    expect(second.next).toBeNull();
  });

  it('keeps entries for 400 days, and ended sessions for 30 days', async () => {
    const owner = await join('owner');
    const member = await join('member');
    await owner.delete(`/members/${member.memberId}`);
    const purgeAt = (days: number) =>
      besideBroker(broker, (store) => purgeMembers(store, Date.now() + days * DAY_MS));
    const left = () =>
      besideBroker(broker, async ({ read }) => {
        const { id } = (await read.accounts.findBySlug(account))!;
        const removed = await read.members.named(id, [member.memberId.slice(4)]);
        return [removed.length, (await read.memberChanges.list(id, { limit: 10 })).length];
      });
    expect(await purgeAt(29)).toBe(0);
    expect(await purgeAt(31)).toBeGreaterThan(0);
    expect(await left()).toEqual([1, 1]);
    await purgeAt(401);
    expect(await left()).toEqual([0, 0]);
  });
});
