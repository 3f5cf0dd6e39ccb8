/** Tests that the plans of PostgreSQL read rows by an index, in its order, and only the partitions that are needed. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../../../broker/store/database.ts';
import { POSTGRES } from '../../../../broker/store/dialect.ts';
import { clientConfig, connect } from '../../../../broker/store/postgres/connection.ts';
import { Statements } from '../../../../broker/store/postgres/statements.ts';
import { conversationQueries } from '../../../../broker/store/queries/conversations.ts';
import { deliveryQueries } from '../../../../broker/store/queries/deliveries.ts';
import { messageQueries } from '../../../../broker/store/queries/messages.ts';
import { projectionQueries } from '../../../../broker/store/queries/projections.ts';
import { firstIdAt } from '../../../../shared/ids.ts';
import { everyStatement } from '../../../support/every-statement.ts';
import { queuedMessage } from '../../../support/message.ts';
import { newDatabase, type TestDatabase } from '../../../support/postgres/databases.ts';
import { explain } from '../../../support/postgres/explained.ts';
import { fillHistory } from '../../../support/postgres/history.ts';

const UNTIL = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;
const LONG_QUEUE = 3_000;
const NUMBER = 'number1';
const TENANT = 2;

/** Tables that do not grow with the messages. */
const SMALL = new Set([
  ...['accounts', 'worlds', 'numbers', 'devices', 'members', 'webhooks', 'credentials', 'brokers'],
]);

/** Queries that sort, with the reason why they sort few rows. */
const SORTS: Readonly<Record<string, string>> = {
  'credentials.ofTenant': 'the keys of a tenant',
  'numbers.ofProvider': 'the numbers of a provider',
  'numbers.overview': 'the devices of a number',
  'devices.list': 'all devices',
  'devices.ofTenant': 'the devices of a tenant',
  'devices.latestPairing': 'the codes of a device',
  'messages.nextExpiredLeases': 'the leases of a device',
  'messages.leasedBy': 'the leases of a device',
  'messages.thread': 'one page',
  'messages.list': 'no rows: contradicting conditions',
  'messages.nextQueued': 'the attachments of one page',
  'contacts.named': 'the contacts of a tenant with a name',
  'deliveries.withStatus': 'one part of the deliveries',
  'statistics.sums': 'the hours of a period',
  'conversations.findMany': 'the given conversations',
  'conversations.list': 'one page',
};

let database: TestDatabase;
let client: pg.Client;
/** Returns an id of the last month. */
const idOf = (place: number) => `${firstIdAt(UNTIL - DAY_MS).slice(0, 10)}${String(place).padStart(16, '0')}`;

beforeAll(async () => {
  database = await newDatabase();
  client = await connect(clientConfig({ url: database.url, usesPreparedStatements: true }));
  await fillHistory(client, { messages: 30_000, until: UNTIL });
  await client.query(
    `INSERT INTO messages (id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
       error_retryable, lane, expires_at, attempt, lease_journaled, created_at)
     SELECT '${idOf(0).slice(0, 10)}' || LPAD(n::text, 16, '0'), ${TENANT}, '${NUMBER}', 'outbound', 'queued', '+1', '+2' || n, 'hi',
       'auto', 0, 0, ${Number.MAX_SAFE_INTEGER}, 0, 0, 0 FROM generate_series(1, ${LONG_QUEUE}) n`,
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Returns the lines of the plan that does not depend on values, with all partitions. */
async function genericPlan(text: string): Promise<string[]> {
  const parameters = new Set(text.match(/\$\d+/g) ?? []).size;
  const values = Array.from({ length: parameters }, () => 'NULL').join(', ');
  await client.query(`SET enable_partition_pruning = off; PREPARE explained AS ${text}`);
  const { rows } = await client.query(`EXPLAIN EXECUTE explained${parameters === 0 ? '' : `(${values})`}`);
  await client.query('DEALLOCATE explained; SET enable_partition_pruning = on');
  return rows.map((row) => row['QUERY PLAN']);
}

it('every statement reads the tables of messages by an index, and sorts few rows', async () => {
  const { statements } = await everyStatement(POSTGRES);
  const translated = new Statements({ usesNames: false });
  const scans: string[] = [];
  const sorts: string[] = [];
  for (const { sql, queries } of statements) {
    const { text } = translated.of(sql);
    const plan = await genericPlan(text);
    const [query = ''] = queries;
    for (const line of plan) {
      const table = /(?:Seq|Bitmap Heap) Scan on (\w+)/.exec(line)?.[1];
      if (table !== undefined && !SMALL.has(table)) scans.push(`${query}: ${line.trim()}`);
      if (/^(?: *-> +)?Sort /.test(line) && !(query in SORTS)) sorts.push(`${query}: ${text}`);
    }
  }
  expect(scans).toEqual([]);
  expect(sorts).toEqual([]);
  expect(statements.length).toBeGreaterThan(350);
});

describe('with 30,000 messages in six months', () => {
  const messages = (sql: Sql) => messageQueries(sql, () => {});
  const request = {
    ...{
      numberId: NUMBER,
      environment: 'live' as const,
      channels: 'all' as const,
      deviceId: 'device1',
      keepsOrder: true,
      missing: 1,
    },
    ...{ busyRecipients: [], now: 1, monotonicNow: 1, limit: 10, after: undefined },
  };

  it.each<[string, number, (sql: Sql) => Promise<unknown>]>([
    ['dispatch beside a long queue', 2_500, (sql) => messages(sql).nextQueued(request)],
    [
      'the texts of a number with a long queue',
      60,
      (sql) => messages(sql).texts(TENANT, NUMBER, { limit: 10 }),
    ],
    [
      'a conversation',
      60,
      (sql) =>
        messages(sql).thread(
          { tenantId: TENANT, numberId: NUMBER, recipient: '+25', isGroup: false },
          { limit: 10 },
        ),
    ],
    ['the messages of a tenant', 30, (sql) => messages(sql).list(TENANT, { limit: 10 })],
    ['the messages of a status', 30, (sql) => messages(sql).list(TENANT, { limit: 10, status: 'received' })],
    ['conversations', 30, (sql) => conversationQueries(sql).list({ tenantId: TENANT }, { limit: 10 })],
    ['the newest id', 400, (sql) => messages(sql).newestId()],
    ['the next lease to expire', 5, (sql) => messages(sql).earliestLeaseEnd('device1')],
    ['the expiry check', 30, (sql) => messages(sql).expired(1, 10)],
    ['due deliveries', 20, (sql) => deliveryQueries(sql, () => {}).due('webhook20', UNTIL, 10)],
  ])('%s: at most %i rows are examined', async (_, most, run) => {
    expect((await explain(client, run)).examined).toBeLessThanOrEqual(most);
  });

  const message = queuedMessage({ id: idOf(1), tenantId: TENANT, numberId: NUMBER });
  const entry = { at: 1, kind: 'sent', status: 'sent', detail: null } as const;
  it.each<[string, number, (sql: Sql) => Promise<unknown>]>([
    ['find', 1, (sql) => messages(sql).find(TENANT, message.id)],
    ['timeline', 1, (sql) => messages(sql).timeline(message.id)],
    ['findMany', 1, (sql) => messages(sql).findMany(TENANT, [message.id])],
    ['record', 3, (sql) => messages(sql).record(message, entry)],
    ['setProjected', 1, (sql) => projectionQueries(sql).setProjected([message])],
    ['projections.of', 1, (sql) => projectionQueries(sql).of([message])],
  ])('%s reads only the partition of the message', async (_, most, run) => {
    const { read } = await explain(client, run);
    expect(read.length).toBeLessThanOrEqual(most);
    expect(read.filter((name) => !/2026_11|message_changes/.test(name))).toEqual([]);
  });
});
