/**
 * Which index each query on messages reads. The table has millions of rows, and the planner has no statistics
 * of it: a query that reads it whole would still pass every other test.
 */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageFilter, MessageQueries } from '../../../broker/core/ports/messages.ts';
import type { Sql, Value } from '../../../broker/store/database.ts';
import { messageQueries } from '../../../broker/store/queries/messages.ts';
import { migrate } from '../../../broker/store/sqlite/migrate.ts';
import { withFixedPlan } from '../../../broker/store/sqlite/parameters.ts';

const WORLD = 1;
const OWN = '+14155550199';
const OTHER = '+14155550100';
const request = {
  numberId: 'n',
  environment: 'live',
  deviceId: 'd',
  keepsOrder: true,
  channels: 'texts',
  now: 1,
  limit: 5,
} as const;

describe('the query', () => {
  let database: Database.Database;
  const explained: string[] = [];

  /** Runs on the real tables, and writes down how each statement reads messages. */
  const sql: Sql = {
    run: async (text: string, ...params: Value[]) => {
      explain(text, params);
      return 0;
    },
    get: async <Row>(text: string, ...params: Value[]) => rows<Row>(text, params)[0],
    all: async <Row>(text: string, ...params: Value[]) => rows<Row>(text, params),
    increment() {},
    gather() {},
    writeGathered() {},
    referenceVersion: () => 0,
  };
  function rows<Row>(text: string, params: Value[]): Row[] {
    explain(text, params);
    return database.prepare<Value[], Row>(text).all(...params);
  }
  function explain(text: string, params: Value[]): void {
    const fixed = withFixedPlan(text);
    const plan = database.prepare<Value[], { detail: string }>(`EXPLAIN QUERY PLAN ${fixed}`).all(...params);
    for (const { detail } of plan) {
      if (/^(SCAN|SEARCH) (messages|m|o)\b/.test(detail)) explained.push(detail.replace(/^(\w+) \w+/, '$1'));
    }
  }

  beforeAll(() => {
    database = new Database(':memory:');
    migrate(database, ':memory:');
    database.exec(`
      INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'a', 'free', 0);
      INSERT INTO worlds (id, account_id, environment) VALUES (${WORLD}, 'a', 'live');
      INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
        VALUES ('n', ${WORLD}, 1, '${OWN}', 'active', 1, 0);
      INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content,
          requested_service, error_retryable, lane, expires_at, attempt, lease_journaled, created_at)
        VALUES (${WORLD}, 'm', 'n', 'outbound', 'queued', '${OWN}', '${OTHER}', '', 'auto', 0, 0, 9, 0, 0, 0);`);
  });
  afterAll(() => database.close());

  async function readsOf(query: (messages: MessageQueries) => Promise<unknown>): Promise<string[]> {
    explained.length = 0;
    await query(messageQueries(sql));
    return [...explained];
  }
  const listed = (filter: Partial<MessageFilter>) => (messages: MessageQueries) =>
    messages.list(WORLD, { limit: 5, ...filter });
  const table = 'SEARCH USING PRIMARY KEY (world_id=?)';
  const queues = [
    'SEARCH USING COVERING INDEX messages_queue (number_id=?)',
    'SEARCH USING COVERING INDEX messages_queue (number_id=? AND lane>?)',
  ];
  const queue = 'SEARCH USING INDEX messages_queue (number_id=? AND lane=?)';
  const byStatus = 'SEARCH USING INDEX messages_by_status (world_id=? AND status=?)';
  const byRemote = 'SEARCH USING INDEX messages_by_remote (world_id=? AND remote=?)';

  it.each<[string, Partial<MessageFilter>, string[]]>([
    ['everything', {}, [table]],
    ['a page', { before: 'x' }, ['SEARCH USING PRIMARY KEY (world_id=? AND id<?)']],
    ['what is newer', { after: 'x' }, ['SEARCH USING PRIMARY KEY (world_id=? AND id>?)']],
    ['one status', { status: 'sent' }, [byStatus]],
    [
      'a page of one status',
      { status: 'sent', before: 'x' },
      ['SEARCH USING INDEX messages_by_status (world_id=? AND status=? AND id<?)'],
    ],
    ['what is queued', { status: 'queued' }, [...queues, queue]],
    [
      'a page of what is queued',
      { status: 'queued', before: 'x' },
      [...queues, 'SEARCH USING INDEX messages_queue (number_id=? AND lane=? AND id<?)'],
    ],
    ['what one correspondent got', { to: OTHER }, [byRemote, ...queues, queue]],
    ['what one correspondent wrote', { from: OTHER }, [byRemote, ...queues, queue]],
    ['one correspondent’s of one status', { to: OTHER, status: 'failed' }, [byRemote]],
    ['one correspondent’s that is queued', { to: OTHER, status: 'queued' }, [...queues, queue]],
    ['what our own number sent', { from: OWN }, [table]],
    ['what our own number sent, of one status', { from: OWN, status: 'failed' }, [byStatus]],
    ['one direction', { direction: 'inbound' }, [table]],
  ])('that lists %s reads only what it needs', async (_, filter, reads) => {
    expect(await readsOf(listed(filter))).toEqual(reads);
  });

  it.each<[string, (messages: MessageQueries) => Promise<unknown>, string[]]>([
    ['find', (messages) => messages.find(WORLD, 'm'), ['SEARCH USING PRIMARY KEY (world_id=? AND id=?)']],
    [
      'findForDevice',
      (messages) => messages.findForDevice(WORLD, 'd', 'm'),
      ['SEARCH USING PRIMARY KEY (world_id=? AND id=?)'],
    ],
    [
      'findByGuid',
      (messages) => messages.findByGuid('n', 'g'),
      ['SEARCH USING INDEX messages_guid (number_id=? AND guid=?)'],
    ],
    [
      'nextQueued',
      (messages) => messages.nextQueued(request),
      [
        'SEARCH USING INDEX messages_queue (number_id=? AND lane<?)',
        'SEARCH USING INDEX messages_out (number_id=? AND remote=?)',
      ],
    ],
    [
      'nextLapsed',
      (messages) => messages.nextExpiredLeases('d', 1, 5),
      ['SEARCH USING INDEX messages_held (device_id=? AND lease_until<?)'],
    ],
    ['heldBy', (messages) => messages.leasedBy('d'), ['SEARCH USING INDEX messages_held (device_id=?)']],
    [
      'unreported',
      (messages) => messages.unreported(1, 5),
      ['SEARCH USING INDEX messages_unreported (lease_until<?)'],
    ],
    [
      'expired',
      (messages) => messages.expired(1, 'x', 5),
      ['SEARCH USING INDEX messages_out_expiry (expires_at<?)', 'SCAN USING INDEX messages_queue'],
    ],
    [
      'hasDueHolds',
      (messages) => messages.hasDueDeferrals(1),
      ['SEARCH USING INDEX messages_held_back (not_before<?)'],
    ],
    [
      'releaseHolds',
      (messages) => messages.endDueDeferrals(1),
      ['SEARCH USING INDEX messages_held_back (not_before<?)'],
    ],
    [
      'queuedOrLeased',
      (messages) => messages.queuedOrLeased('n'),
      ['SEARCH USING INDEX messages_queue (number_id=?)', 'SEARCH USING INDEX messages_out (number_id=?)'],
    ],
    [
      'sentSince',
      (messages) => messages.sentSince('test', 1),
      ['SEARCH USING INDEX messages_by_status (world_id=? AND status=?)'],
    ],
    ['longestQueues', (messages) => messages.longestQueues(5), ['SCAN USING COVERING INDEX messages_queue']],
    [
      'pastRequestedExpiry',
      (messages) => messages.pastRequestedExpiry(1, 5),
      ['SEARCH USING INDEX messages_own_expiry (expires_at<?)'],
    ],
    [
      'heldFor',
      (messages) => messages.deferredFor('n', OTHER, 'x'),
      ['SEARCH USING INDEX messages_held_for (number_id=? AND remote=? AND id<?)'],
    ],
    [
      'hastenHolds of a recipient',
      (messages) => messages.reconsiderDeferred('n', OTHER, 1),
      ['SEARCH USING INDEX messages_held_for (number_id=? AND remote=?)'],
    ],
    [
      'hasExchangedSince',
      (messages) => messages.hasExchangedSince(WORLD, 'n', OTHER, 'x'),
      ['SEARCH USING INDEX messages_by_remote (world_id=? AND remote=? AND id>?)'],
    ],
    [
      'unansweredTo',
      (messages) => messages.unansweredTo(WORLD, 'n', OTHER, 5),
      ['SEARCH USING INDEX messages_by_remote (world_id=? AND remote=?)'],
    ],
    [
      'scheduled',
      (messages) => messages.scheduled(WORLD, { now: 1, limit: 5 }),
      ['SEARCH USING INDEX messages_scheduled (world_id=? AND send_at>?)'],
    ],
    [
      'promote',
      (messages) => messages.promote('n', OTHER),
      [
        'SEARCH USING PRIMARY KEY (world_id=? AND id=?)',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND lane=?)',
      ],
    ],
    [
      'finishedBefore',
      (messages) => messages.finishedBefore('x', 5),
      ['SEARCH USING PRIMARY KEY (world_id=? AND id<?)'],
    ],
  ])('%s reads only what it needs', async (_, query, reads) => {
    expect(await readsOf(query)).toEqual(reads);
  });
});
