/**
 * Counts open work: queued messages and pending deliveries. Each count reads the index in parts and lets the event loop
 * run between two parts. Call them outside of transactions. A counter per queue would add a write to each accepted and
 * each dispatched message.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { timeOfId } from '../../../shared/ids.ts';
import type { QueueQueries } from '../../core/ports/queue.ts';
import type { DeliveryQueries } from '../../core/ports/webhooks.ts';
import type { NamedValues, Sql } from '../database.ts';

/** Number of index entries in one part. */
const PART = 5_000;

const QUEUED = `FROM messages INDEXED BY messages_queue
  WHERE status = 'queued' AND (number_id, lane, id) > (@number_id, @lane, @id) ORDER BY number_id, lane, id`;
const QUEUED_OF_NUMBER = `FROM messages INDEXED BY messages_queue
  WHERE number_id = @number_id AND status = 'queued' AND (lane, id) > (@lane, @id) ORDER BY lane, id`;
const PENDING = `FROM webhook_deliveries INDEXED BY webhook_deliveries_due
  WHERE status = 'pending' AND (webhook_id, next_attempt_at, id) > (@webhook_id, @next_attempt_at, @id)
  ORDER BY webhook_id, next_attempt_at, id`;

const QUEUE_START = { number_id: '', lane: -1_000, id: '' };
const PENDING_START = { webhook_id: '', next_attempt_at: 0, id: '' };

interface QueuePart {
  number_id: string;
  messages: number;
  oldest_id: string | null;
}

/** Calls `readPart` with the place where each part begins. `source` has the place as named parameters. */
async function inParts<Place extends NamedValues>(
  sql: Sql,
  { source, start }: { source: string; start: Place },
  readPart: (place: Place) => Promise<void>,
): Promise<void> {
  const columns = Object.keys(start).join(', ');
  for (let place: Place | undefined = start; place !== undefined; ) {
    await readPart(place);
    place = await sql.get<Place>(`SELECT ${columns} ${source} LIMIT 1 OFFSET ${PART - 1}`, place);
    if (place !== undefined) await nextTurn();
  }
}

export function queueCounts(sql: Sql): Pick<QueueQueries, 'countQueued' | 'longestQueues' | 'queueState'> {
  return {
    async countQueued(numberId) {
      let count = 0;
      const start = { ...QUEUE_START, number_id: numberId };
      await inParts(sql, { source: QUEUED_OF_NUMBER, start }, async (place) => {
        const row = await sql.get<{ n: number }>(
          `SELECT COUNT(*) AS n FROM (SELECT id ${QUEUED_OF_NUMBER} LIMIT ${PART}) AS part`,
          place,
        );
        count += row?.n ?? 0;
      });
      return count;
    },
    async queueState(numberId) {
      const state = { waiting: 0, deferred: 0, oldestId: null as string | null };
      const start = { ...QUEUE_START, number_id: numberId };
      await inParts(sql, { source: QUEUED_OF_NUMBER, start }, async (place) => {
        const row = await sql.get<{ waiting: number; deferred: number; oldest_id: string | null }>(
          `SELECT COUNT(*) FILTER (WHERE lane < 500) AS waiting, COUNT(*) FILTER (WHERE lane >= 500) AS deferred,
             MIN(id) FILTER (WHERE lane < 500) AS oldest_id
           FROM (SELECT id, lane ${QUEUED_OF_NUMBER} LIMIT ${PART}) AS part`,
          place,
        );
        if (row === undefined) return;
        state.waiting += row.waiting;
        state.deferred += row.deferred;
        if (row.oldest_id !== null && (state.oldestId === null || row.oldest_id < state.oldestId)) {
          state.oldestId = row.oldest_id;
        }
      });
      return state;
    },
    async longestQueues(limit) {
      const queues = new Map<string, { messages: number; oldestId: string }>();
      await inParts(sql, { source: QUEUED, start: QUEUE_START }, async (place) => {
        const parts = await sql.all<QueuePart>(
          `SELECT number_id, COUNT(*) FILTER (WHERE lane < 500) AS messages,
             MIN(id) FILTER (WHERE lane < 500) AS oldest_id
           FROM (SELECT number_id, lane, id ${QUEUED} LIMIT ${PART}) AS part GROUP BY number_id`,
          place,
        );
        for (const { number_id, messages, oldest_id } of parts) {
          if (oldest_id === null) continue;
          const queue = queues.get(number_id) ?? { messages: 0, oldestId: oldest_id };
          queue.messages += messages;
          if (oldest_id < queue.oldestId) queue.oldestId = oldest_id;
          queues.set(number_id, queue);
        }
      });
      const longestFirst = [...queues].sort(
        ([a, one], [b, other]) => other.messages - one.messages || (a < b ? -1 : 1),
      );
      const longest = [];
      for (const [numberId, queue] of longestFirst) {
        if (longest.length === limit) break;
        const number = await sql.get<{ phone_number: string }>(
          'SELECT phone_number FROM numbers WHERE id = ? AND is_live = 1',
          numberId,
        );
        if (number !== undefined) longest.push({ numberId, phoneNumber: number.phone_number, ...queue });
      }
      return longest;
    },
  };
}

export function pendingDeliveries(sql: Sql): DeliveryQueries['pending'] {
  return async () => {
    let count = 0;
    let oldest: string | null = null;
    await inParts(sql, { source: PENDING, start: PENDING_START }, async (place) => {
      const row = await sql.get<{ n: number; oldest: string | null }>(
        `SELECT COUNT(*) AS n, MIN(id) AS oldest FROM (SELECT id ${PENDING} LIMIT ${PART}) AS part`,
        place,
      );
      count += row?.n ?? 0;
      if (row?.oldest != null && (oldest === null || row.oldest < oldest)) oldest = row.oldest;
    });
    return { count, oldestAt: oldest === null ? null : timeOfId(oldest) };
  };
}
