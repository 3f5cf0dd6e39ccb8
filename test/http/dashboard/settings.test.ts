/** Tests the account, the usage and the facts about the broker in the dashboard. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENGINE } from '../../support/broker-database.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let owner: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess({ HOMING_RETENTION_DAYS: '10' });
  owner = await signIn(broker);
});
afterAll(() => broker?.dispose());

it('GET /account returns the plan with its limits and the configured retention', async () => {
  const viewer = await signIn(broker, { role: 'viewer' });
  expect((await viewer.get('/account')).body).toEqual({
    slug: 'default',
    createdAt: expect.any(Number),
    plan: {
      ...{ name: 'enterprise', apiRequestsPerMinute: 5_000, messagesPerMinute: 200 },
      ...{ messagesPerMonth: null, numbers: null, media: true },
    },
    retention: {
      ...{ messageDays: 10, eventDays: 10, toolCallDays: 10, at: expect.stringMatching(/^\d\d:\d\d$/) },
      ...{ mediaQuotaBytes: expect.any(Number), databaseMaxBytes: expect.any(Number) },
    },
    hasBackups: ENGINE === 'sqlite',
    backupCommand: null,
  });
});

it('GET /usage returns the messages, segments and storage of a month', async () => {
  const client = await createClient(broker);
  await client.post('/v1/messages/send', { to: '+15005550010', content: 'Hi' });
  const body = await until('the delivery', async () => {
    const { body } = await owner.get('/test/usage');
    return body.messages.queued === 0 ? body : undefined;
  });
  expect(body).toMatchObject({
    month: expect.stringMatching(/^\d{4}-\d\d$/),
    ...{ accepted: 1, segments: 1, costCents: 0, committedCents: 0, limitCents: null, mediaBytes: 0 },
  });
  expect((await owner.get('/test/usage?month=2020-01')).body).toMatchObject({
    ...{ month: '2020-01', accepted: 0, messages: { queued: 0, sent: 0, delivered: 0, failed: 0 } },
  });
  const wrong = await owner.get('/test/usage?month=2020-13');
  expect([wrong.status, wrong.body.error.param]).toEqual([400, 'month']);
});

it('GET /about returns the versions, the uptime and the disk', async () => {
  expect((await owner.get('/about')).body).toEqual({
    version: expect.stringMatching(/^\d/),
    nodeVersion: process.version,
    platform: `${process.platform} ${process.arch}`,
    startedAt: expect.any(Number),
    uptimeMs: expect.any(Number),
    databaseBytes: expect.any(Number),
    disk: { freeBytes: expect.any(Number), totalBytes: expect.any(Number) },
  });
});

it('GET /whatsapp-templates returns the templates of the sandbox', async () => {
  const client = await createClient(broker);
  await client.request('GET', '/default/whatsapp_templates', {
    headers: { authorization: `Bearer ${client.key}` },
  });
  const { templates } = (await owner.get('/test/whatsapp-templates')).body;
  expect(templates.length).toBeGreaterThan(0);
  expect(templates[0]).toMatchObject({ status: expect.any(String), body: expect.any(String) });
});

it.runIf(ENGINE === 'postgres')(
  'GET /account shows an owner the command that backs up PostgreSQL, without the password',
  async () => {
    const { body } = await owner.get('/account');
    expect(body).toMatchObject({
      hasBackups: false,
      backupCommand: expect.stringMatching(/^pg_dump --format=custom .*--dbname='postgres:\/\/\w+@/),
    });
    const list = await owner.get('/backups');
    expect([list.status, list.body.error.message]).toEqual([403, expect.stringContaining('pg_dump')]);
    expect((await owner.post('/backups')).status).toBe(403);
  },
);
