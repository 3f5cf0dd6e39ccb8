/** Tests that every operation of the dashboard checks the session, the role, the host and the origin. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApis } from '../../../broker/compose/describe-apis.ts';
import { ROLES, type Role } from '../../../broker/core/model/member.ts';
import type { Operation } from '../../../broker/http/operation.ts';
import { type DashboardClient, dashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const BASE = '/dashboard/api';

describe('every operation of the dashboard', () => {
  let broker: RunningBroker;
  let operations: ReadonlyArray<Operation<never>>;
  const members = new Map<Role, DashboardClient>();
  beforeAll(async () => {
    broker = await startInProcess();
    operations = (await describeApis()).find(({ name }) => name === 'admin')!.operations;
    for (const role of ROLES) members.set(role, await signIn(broker, { role }));
  });
  afterAll(() => broker?.dispose());

  const pathOf = ({ path }: Operation<never>) =>
    path.slice(BASE.length).replace(':environment', 'test').replaceAll(/:\w+/g, 'x');

  it('has a role, except those of the sign-in', () => {
    expect(operations.length).toBeGreaterThan(25);
    const open = operations.filter(({ permission }) => permission === undefined).map(({ path }) => path);
    expect(open.filter((path) => !path.startsWith(`${BASE}/sign-in`))).toEqual([]);
  });

  it('returns 401 without a session', async () => {
    const anonymous = dashboardClient(broker.url);
    for (const operation of operations.filter(({ permission }) => permission !== undefined)) {
      const response = await anonymous.request(operation.method, pathOf(operation), {
        ...(operation.body === undefined ? {} : { body: {} }),
      });
      expect(response.status, `${operation.id}: ${response.text}`).toBe(401);
    }
  });

  it('returns 403 for a role below its own', async () => {
    let compared = 0;
    for (const operation of operations) {
      for (const role of ROLES.slice(0, ROLES.indexOf((operation.permission ?? 'viewer') as Role))) {
        const response = await members.get(role)!.request(operation.method, pathOf(operation), {
          ...(operation.body === undefined ? {} : { body: {} }),
        });
        expect(response.status, `${operation.id} as ${role}: ${response.text}`).toBe(403);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('that changes something returns 403 for another origin, also without a role', async () => {
    const { cookie } = members.get('owner')!;
    for (const operation of operations.filter(({ method }) => method !== 'GET')) {
      const response = await clientFor(broker.url).request(operation.method, BASE + pathOf(operation), {
        headers: { cookie, origin: 'https://evil.example' },
        ...(operation.body === undefined ? {} : { body: {} }),
      });
      expect(response.status, `${operation.id}: ${response.text}`).toBe(403);
    }
  });

  it('returns 403 for another host', async () => {
    const { cookie } = members.get('owner')!;
    for (const operation of operations) {
      const response = await clientFor(broker.url).request(operation.method, BASE + pathOf(operation), {
        headers: { cookie, host: 'evil.example', origin: 'http://evil.example' },
        ...(operation.body === undefined ? {} : { body: {} }),
      });
      expect(response.status, `${operation.id}: ${response.text}`).toBe(403);
    }
  });
});
