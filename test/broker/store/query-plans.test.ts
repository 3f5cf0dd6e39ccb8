/**
 * Tests which index each query on messages reads. The table has millions of rows, and SQLite has no statistics of it. A
 * query that reads the whole table would still pass every other test.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageFilter, MessageQueries } from '../../../broker/core/ports/messages.ts';
import { contactQueries } from '../../../broker/store/queries/contacts.ts';
import { deliveryQueries, eventQueries } from '../../../broker/store/queries/deliveries.ts';
import { deviceQueries } from '../../../broker/store/queries/devices.ts';
import { lookupQueries } from '../../../broker/store/queries/lookups.ts';
import { mediaQueries } from '../../../broker/store/queries/media.ts';
import { messageQueries } from '../../../broker/store/queries/messages.ts';
import { paceQueries } from '../../../broker/store/queries/pace.ts';
import { reactionQueries } from '../../../broker/store/queries/reactions.ts';
import { idempotencyQueries, usageQueries } from '../../../broker/store/queries/usage.ts';
import { webhookQueries } from '../../../broker/store/queries/webhooks.ts';
import { explainedSql } from '../../support/explained-sql.ts';

const TENANT_ID = 1;
const OWN = '+14155550199';
const HANDLE = '+14155550100';
const COPIES = { tenantId: 1, numberId: 'n', handle: 'h', deviceId: 'd', sinceId: 's' };
const request = {
  numberId: 'n',
  environment: 'live',
  deviceId: 'd',
  keepsOrder: true,
  missing: 1,
  busyRecipients: [],
  channels: 'texts',
  now: 1,
  monotonicNow: 1,
  limit: 5,
  after: undefined,
} as const;

describe('query plan', () => {
  const sql = explainedSql();
  const { explained, plans } = sql;

  beforeAll(() => {
    sql.database.exec(`
      INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'a', 'free', 0);
      INSERT INTO worlds (id, account_id, environment) VALUES (${TENANT_ID}, 'a', 'live');
      INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
        VALUES ('n', ${TENANT_ID}, 1, '${OWN}', 'active', 1, 0);
      INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content,
          requested_service, error_retryable, lane, expires_at, attempt, lease_journaled, created_at)
        VALUES (${TENANT_ID}, 'm', 'n', 'outbound', 'queued', '${OWN}', '${HANDLE}', '', 'auto', 0, 0, 9, 0, 0, 0);`);
  });
  afterAll(() => void sql.database.close());

  async function readsOf(query: (messages: MessageQueries) => Promise<unknown>): Promise<string[]> {
    explained.length = 0;
    await query(messageQueries(sql, () => {}));
    return [...explained];
  }
  const listed = (filter: Partial<MessageFilter>) => (messages: MessageQueries) =>
    messages.list(TENANT_ID, { limit: 5, ...filter });
  const table = 'SEARCH USING PRIMARY KEY (world_id=?)';
  const queues = [
    'SEARCH USING COVERING INDEX messages_queue (number_id=?)',
    'SEARCH USING COVERING INDEX messages_queue (number_id=? AND lane>?)',
  ];
  const queue = 'SEARCH USING INDEX messages_queue (number_id=? AND lane=?)';
  const byStatus = 'SEARCH USING INDEX messages_by_status (world_id=? AND status=?)';
  const byRemote = 'SEARCH USING INDEX messages_by_remote (world_id=? AND remote=?)';

  it.each<[string, Partial<MessageFilter>, string[]]>([
    ['all messages', {}, [table]],
    ['a page', { before: 'x' }, ['SEARCH USING PRIMARY KEY (world_id=? AND id<?)']],
    ['newer messages', { after: 'x' }, ['SEARCH USING PRIMARY KEY (world_id=? AND id>?)']],
    ['messages of one status', { status: 'sent' }, [byStatus]],
    [
      'a page of messages of one status',
      { status: 'sent', before: 'x' },
      ['SEARCH USING INDEX messages_by_status (world_id=? AND status=? AND id<?)'],
    ],
    ['queued messages', { status: 'queued' }, [...queues, queue]],
    [
      'a page of queued messages',
      { status: 'queued', before: 'x' },
      [...queues, 'SEARCH USING INDEX messages_queue (number_id=? AND lane=? AND id<?)'],
    ],
    ['messages to one handle', { to: HANDLE }, [byRemote, ...queues, queue]],
    ['messages from one handle', { from: HANDLE }, [byRemote, ...queues, queue]],
    ['messages to one handle of one status', { to: HANDLE, status: 'failed' }, [byRemote]],
    ['queued messages to one handle', { to: HANDLE, status: 'queued' }, [...queues, queue]],
    ['messages from a number of the tenant', { from: OWN }, [table]],
    ['messages from a number of the tenant of one status', { from: OWN, status: 'failed' }, [byStatus]],
    ['messages of one direction', { direction: 'inbound' }, [table]],
  ])('the list of %s reads only the rows that it returns', async (_, filter, reads) => {
    expect(await readsOf(listed(filter))).toEqual(reads);
  });

  it.each<[string, (messages: MessageQueries) => Promise<unknown>, string[]]>([
    ['find', (messages) => messages.find(TENANT_ID, 'm'), ['SEARCH USING PRIMARY KEY (world_id=? AND id=?)']],
    [
      'blocked',
      (messages) => messages.blocked(TENANT_ID, { limit: 5 }),
      ['SEARCH USING INDEX messages_blocked (world_id=? AND id<?)'],
    ],
    [
      'findForDevice',
      (messages) => messages.findForDevice(TENANT_ID, 'd', ['m']),
      ['SEARCH USING PRIMARY KEY (world_id=? AND id=?)'],
    ],
    [
      'findByGuid',
      (messages) => messages.findByGuid('n', 'g'),
      [
        'SEARCH USING INDEX messages_guid (number_id=? AND guid=?)',
        'SEARCH USING PRIMARY KEY (world_id=? AND id=?)',
      ],
    ],
    [
      'copies',
      (messages) => messages.copies({ ...COPIES, direction: 'inbound', limit: 5 }),
      ['SEARCH USING INDEX messages_by_remote (world_id=? AND remote=? AND id>?)'],
    ],
    [
      'nextQueued',
      (messages) => messages.nextQueued(request),
      [
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?) AND lane<?)',
        'SEARCH USING INDEX messages_out (number_id=? AND remote=?)',
        'SEARCH USING PRIMARY KEY (world_id=? AND id=?)',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?) AND lane<?)',
      ],
    ],
    [
      'nextExpiredLeases',
      (messages) => messages.nextExpiredLeases('d', 1, 5),
      ['SEARCH USING INDEX messages_held (device_id=? AND lease_until<?)'],
    ],
    [
      'cancelRequested',
      (messages) => messages.cancelRequested(1, 5),
      ['SEARCH USING INDEX messages_cancel_requested (cancel_requested_at>?)'],
    ],
    [
      'earliestLeaseEnd',
      (messages) => messages.earliestLeaseEnd('d'),
      ['SEARCH USING INDEX messages_held (device_id=?)'],
    ],
    ['leasedBy', (messages) => messages.leasedBy('d'), ['SEARCH USING INDEX messages_held (device_id=?)']],
    [
      'unreported',
      (messages) => messages.unreported(1, 5),
      ['SEARCH USING INDEX messages_unreported (lease_until<?)'],
    ],
    [
      'expired',
      (messages) => messages.expired(1, 5),
      [
        'SEARCH USING INDEX messages_out_expiry (expires_at<?)',
        'SEARCH USING INDEX messages_expiry (expires_at<?)',
      ],
    ],
    [
      'hasDueDeferrals',
      (messages) => messages.hasDueDeferrals(1),
      ['SEARCH USING INDEX messages_held_back (not_before<?)'],
    ],
    [
      'endDueDeferrals',
      (messages) => messages.endDueDeferrals(1, 5),
      ['SEARCH USING INDEX messages_held_back (not_before<?)'],
    ],
    [
      'cancellable',
      (messages) => messages.cancellable('n', 5),
      ['SEARCH USING INDEX messages_out (number_id=?)', 'SEARCH USING INDEX messages_queue (number_id=?)'],
    ],
    [
      'sentSince',
      (messages) => messages.sentSince('test', 1),
      ['SEARCH USING INDEX messages_by_status (world_id=? AND status=?)'],
    ],
    [
      'longestQueues',
      (messages) => messages.longestQueues(5),
      [
        'SEARCH USING COVERING INDEX messages_queue ((number_id,lane,id)>(?,?,?))',
        'SEARCH USING COVERING INDEX messages_queue ((number_id,lane,id)>(?,?,?))',
      ],
    ],
    [
      'countQueued',
      (messages) => messages.countQueued('n'),
      [
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?))',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?))',
      ],
    ],
    [
      'queuedTo',
      (messages) => messages.queuedTo({ tenantId: TENANT_ID, handle: HANDLE, beforeId: 'z' }, '', 5),
      [
        'SEARCH EXISTS USING COVERING INDEX messages_queue (number_id=?)',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?))',
        'SEARCH USING PRIMARY KEY (world_id=? AND id=?)',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND (lane,id)>(?,?))',
        'SEARCH EXISTS USING COVERING INDEX messages_queue (number_id=?)',
      ],
    ],
    [
      'pastRequestedExpiry',
      (messages) => messages.pastRequestedExpiry(1, 5),
      ['SEARCH USING INDEX messages_own_expiry (expires_at<?)'],
    ],
    [
      'deferredFor',
      (messages) => messages.deferredFor('n', HANDLE, 'x'),
      ['SEARCH USING INDEX messages_held_for (number_id=? AND remote=? AND id<?)'],
    ],
    [
      'reconsiderPart for a recipient',
      (messages) => messages.reconsiderPart('n', { handle: HANDLE, after: '', now: 1, limit: 5 }),
      ['SEARCH USING INDEX messages_held_for (number_id=? AND (remote,id)>(?,?) AND remote<?)'],
    ],
    [
      'hasExchangedSince',
      (messages) => messages.hasExchangedSince(TENANT_ID, 'n', HANDLE, 'x'),
      ['SEARCH USING INDEX messages_by_remote (world_id=? AND remote=? AND id>?)'],
    ],
    [
      'unansweredTo',
      (messages) => messages.unansweredTo(TENANT_ID, 'n', HANDLE, 5),
      ['SEARCH USING INDEX messages_by_remote (world_id=? AND remote=?)'],
    ],
    [
      'scheduled',
      (messages) => messages.scheduled(TENANT_ID, { now: 1, limit: 5 }),
      ['SEARCH USING INDEX messages_scheduled (world_id=? AND send_at>?)'],
    ],
    [
      'promote',
      (messages) => messages.promote('n', HANDLE),
      [
        'SEARCH USING INDEX messages_held_for (number_id=? AND remote=?)',
        'SEARCH USING PRIMARY KEY (world_id=? AND id=?)',
        'SEARCH USING COVERING INDEX messages_queue (number_id=? AND lane=?)',
        'SEARCH USING INDEX messages_out (number_id=? AND remote=?)',
      ],
    ],
    [
      'finishedBefore',
      (messages) => messages.finishedBefore('x', 5),
      ['SEARCH USING PRIMARY KEY (world_id=? AND id<?)'],
    ],
  ])('%s reads only the expected index', async (_, query, reads) => {
    expect(await readsOf(query)).toEqual(reads);
  });

  const due = { messageId: 'm', eventId: 'e', webhookId: 'w' };
  it.each<[string, () => Promise<unknown>]>([
    ['dispatch', () => messageQueries(sql, () => {}).nextQueued(request)],
    ['the end of leases', () => messageQueries(sql, () => {}).unreported(1, 5)],
    ['the expiry check', () => messageQueries(sql, () => {}).expired(1, 5)],
    ['the check of deferrals', () => messageQueries(sql, () => {}).hasDueDeferrals(1)],
    ['the end of deferrals', () => messageQueries(sql, () => {}).endDueDeferrals(1, 5)],
    ['the removal of a number', () => messageQueries(sql, () => {}).cancellable('n', 5)],
    [
      'an opt-out',
      () =>
        messageQueries(sql, () => {}).queuedTo(
          { tenantId: TENANT_ID, handle: HANDLE, beforeId: 'z' },
          'n 0 a',
          5,
        ),
    ],
    ['an opt-out of leased messages', () => messageQueries(sql, () => {}).leasedFor(TENANT_ID, HANDLE)],
    ['the count of a queue', () => messageQueries(sql, () => {}).countQueued('n')],
    ['the queue metrics', () => messageQueries(sql, () => {}).longestQueues(5)],
    ['retention of messages', () => messageQueries(sql, () => {}).finishedBefore('x', 5)],
    ['the webhook metrics', () => deliveryQueries(sql, () => {}).pending()],
    ['the search for webhooks with deliveries', () => deliveryQueries(sql, () => {}).webhooksWithPending()],
    ['webhook delivery', () => deliveryQueries(sql, () => {}).due(due.webhookId, 1, 5)],
    [
      'a page of deliveries with a filter',
      () =>
        deliveryQueries(sql, () => {}).matching(due.webhookId, { isSuccess: true, type: 'message.sent' }, {}),
    ],
    ['the failure of deliveries', () => deliveryQueries(sql, () => {}).failPending(due.webhookId, 'z', 5)],
    ['the removal of a webhook', () => deliveryQueries(sql, () => {}).removeOf(due.webhookId, 5)],
    ['retention of deliveries', () => deliveryQueries(sql, () => {}).purge('x', 5)],
    ['retention of events', () => eventQueries(sql, () => {}).purge({ after: 'a', beforeId: 'x', limit: 5 })],
    [
      'retention of interrupted uploads',
      () => mediaQueries(sql).purgeOrphans({ after: 'a', beforeId: 'x', limit: 5 }),
    ],
    ['retention of status callbacks', () => webhookQueries(sql).purgeCallbacks(1, 5)],
    ['retention of idempotency keys', () => idempotencyQueries(sql).purgeExpiring(1, 5)],
    ['retention of reactions', () => reactionQueries(sql).purge(1, 5)],
    ['retention of look-ups', () => lookupQueries(sql).purge(1, 5)],
    ['the list of contacts', () => contactQueries(sql).list(TENANT_ID, { limit: 5 })],
    ['a search for contacts by name', () => contactQueries(sql).named(TENANT_ID, 'a', 5)],
    ['the services of a handle', () => lookupQueries(sql).servicesOf(TENANT_ID, HANDLE)],
    ['a cached look-up', () => lookupQueries(sql).find(TENANT_ID, HANDLE)],
    ['retention of pairing codes', () => deviceQueries(sql).purgePairings(1, 5)],
    ['retention of devices', () => deviceQueries(sql).purgeUnconnected(1, 5)],
    ['retention of daily counts', () => usageQueries(sql).purgeDays('2026-01-01', 5)],
    ['retention of dispatches', () => paceQueries(sql).purgeAll(1, 5)],
    ['retention of lasting idempotency keys', () => idempotencyQueries(sql).purgeLasting(1, 5)],
  ])('%s neither scans a table nor sorts', async (_, query) => {
    plans.length = 0;
    await query();
    expect(plans).not.toEqual([]);
    // Parts of an index are bounded. The tables of tenants and numbers do not grow with the messages.
    const isBounded = /^SCAN (part|waiting|files|wanted|w|n|\(subquery-\d+\)|\d+ CONSTANT ROW)( |$)/;
    const wrong = plans.filter((line) => /^SCAN|TEMP B-TREE/.test(line) && !isBounded.test(line));
    expect(wrong).toEqual([]);
  });
});
