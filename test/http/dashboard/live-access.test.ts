/** Tests that open pages learn of sign-ins, new members and ended sessions through the live stream. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type DashboardClient, dashboardClient, newSignInLink, signIn } from '../../support/dashboard.ts';
import { openEventSource } from '../../support/event-source.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'correct horse battery';

let broker: RunningBroker;
let owner: DashboardClient;
beforeAll(async () => {
  broker = await startInProcess();
  owner = await signIn(broker);
});
afterAll(() => broker?.dispose());

async function follow({ cookie }: DashboardClient) {
  const source = await openEventSource(`${broker.url}/dashboard/api/live/events`, '', { cookie });
  onTestFinished(() => source.close());
  const topics = () => source.events.flatMap(({ data }) => (data as { topics?: string[] }).topics ?? []);
  return { source, topics };
}

it('a new member appears in the pages of the others', async () => {
  const { url } = (await owner.post('/invitations', { role: 'viewer' })).body;
  const { topics } = await follow(owner);
  const given = { name: 'Kim', email: 'kim@example.com', password: PASSWORD };
  const joined = await dashboardClient(broker.url).post('/sign-in/link', {
    ...{ token: url.split('#token=')[1], ...given },
  });
  expect(joined.status, joined.text).toBe(200);
  await until('the topics', () => ['members', 'invitations'].every((topic) => topics().includes(topic)));
});

it('a password that is replaced by a link ends the streams of the other sessions', async () => {
  const member = await signIn(broker, { role: 'viewer' });
  const token = await newSignInLink(broker, { email: member.email });
  const { source } = await follow(member);
  const used = await dashboardClient(broker.url).post('/sign-in/link', { token, password: PASSWORD });
  expect(used.status, used.text).toBe(200);
  await source.ended;
});

it('the stream of a removed member ends', async () => {
  const member = await signIn(broker, { role: 'member' });
  const { source } = await follow(member);
  expect((await owner.delete(`/members/${member.memberId}`)).status).toBe(204);
  await source.ended;
});

it('a sign-in by password appears in the list of sessions', async () => {
  const member = await signIn(broker, { role: 'viewer' });
  const token = await newSignInLink(broker, { email: member.email });
  const used = await dashboardClient(broker.url).post('/sign-in/link', { token, password: PASSWORD });
  const session = { ...member, cookie: used.headers.get('set-cookie')!.split(';')[0]! };
  const { topics } = await follow(session);
  const { email } = member;
  const again = await dashboardClient(broker.url).post('/sign-in', { email, password: PASSWORD });
  expect(again.status, again.text).toBe(200);
  await until('the topic', () => topics().includes('sessions'));
});
