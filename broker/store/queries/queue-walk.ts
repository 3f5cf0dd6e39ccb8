/**
 * Walks the queues of a tenant in bounded parts, to find the messages to one handle. An index by handle would make each
 * accepted message write to a random page.
 */
import type { Message } from '../../core/model/message.ts';
import type { QueueQueries } from '../../core/ports/queue.ts';
import type { Sql } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import { messageReader } from './message-rows.ts';

/** Maximum number of index entries that one call reads. */
const READ_MAX = 2_000;
/** Maximum number of queues that one call reads. */
const NUMBERS_MAX = 20;

interface Place {
  number_id: string;
  lane: number;
  id: string;
}

const FIRST: Place = { number_id: '', lane: -1_000, id: '' };

// The numbers without a queue are skipped in the statement, so that one call serves many of them.
const nextNumberOf = ({ exists }: Dialect) => `SELECT n.id FROM numbers n INDEXED BY numbers_of_tenant
  WHERE n.world_id = ? AND n.id > ? AND ${exists(QUEUED_MESSAGE)} ORDER BY n.id LIMIT 1`;

const QUEUED_MESSAGE = `SELECT 1 FROM messages m INDEXED BY messages_queue
  WHERE m.number_id = n.id AND m.status = 'queued'`;

const PART = `FROM messages INDEXED BY messages_queue
  WHERE number_id = @number_id AND status = 'queued' AND (lane, id) > (@lane, @id) ORDER BY lane, id`;

const HITS = `SELECT m.* FROM (SELECT world_id, lane, id, remote ${PART} LIMIT @count) AS part
  CROSS JOIN messages m
  WHERE m.world_id = part.world_id AND m.id = part.id AND part.remote = @handle AND part.id < @beforeId ORDER BY part.lane, part.id LIMIT @limit`;

const LAST = `SELECT number_id, lane, id ${PART} LIMIT 1 OFFSET @offset`;

const LANE = 'SELECT lane FROM messages WHERE world_id = ? AND id = ?';

export function queueWalk(sql: Sql): QueueQueries['queuedTo'] {
  const { many } = messageReader(sql);
  const nextNumber = nextNumberOf(sql.dialect);
  return async (recipient, position, limit) => {
    const messages: Message[] = [];
    let place = position === '' ? FIRST : placeFrom(position);
    for (let numbers = 0; numbers < NUMBERS_MAX; numbers += 1) {
      if (place.id === '') {
        const number = await sql.get<{ id: string }>(nextNumber, recipient.tenantId, place.number_id);
        if (number === undefined) return { messages, next: undefined };
        place = { ...FIRST, number_id: number.id };
      }
      const left = limit - messages.length;
      const hits = await many(HITS, { ...place, ...recipient, count: READ_MAX, limit: left });
      messages.push(...hits);
      const last = hits.at(-1);
      if (last !== undefined && hits.length === left) {
        const row = await sql.get<{ lane: number }>(LANE, last.tenantId, last.id);
        return { messages, next: positionOf({ ...place, lane: row?.lane ?? place.lane, id: last.id }) };
      }
      const end = await sql.get<Place>(LAST, { ...place, offset: READ_MAX - 1 });
      if (end !== undefined) return { messages, next: positionOf(end) };
      place = { ...FIRST, number_id: place.number_id };
    }
    return { messages, next: positionOf(place) };
  };
}

function positionOf({ number_id, lane, id }: Place): string {
  return `${number_id} ${lane} ${id}`;
}

function placeFrom(position: string): Place {
  const [number_id = '', lane = '', id = ''] = position.split(' ');
  return { number_id, lane: Number(lane), id };
}
