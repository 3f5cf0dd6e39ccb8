/** Lists the messages of a tenant by status, direction and party, newest first or from an id on. */
import type { Direction, Message } from '../../core/model/message.ts';
import type { MessageFilter, MessageQueries } from '../../core/ports/messages.ts';
import type { NamedValues, Sql } from '../database.ts';
import { messageReader } from './message-rows.ts';

// Steps from one lane to the next in the index, so that a long queue costs no more than a short one.
export const QUEUES = `WITH RECURSIVE queues (number_id, lane) AS (
    SELECT id, (SELECT MIN(lane) FROM messages WHERE number_id = numbers.id AND status = 'queued')
    FROM numbers WHERE world_id = ?
    UNION ALL
    SELECT number_id, (SELECT MIN(lane) FROM messages
      WHERE number_id = queues.number_id AND status = 'queued' AND lane > queues.lane)
    FROM queues WHERE lane IS NOT NULL)
  SELECT number_id, lane FROM queues WHERE lane IS NOT NULL`;

const IS_OWN = 'SELECT 1 FROM numbers WHERE world_id = ? AND phone_number = ?';

export function messageList(sql: Sql): MessageQueries['list'] {
  const { many } = messageReader(sql);

  /** Returns the numbers and lanes with queued messages. The index of the queue has each lane in order of id. */
  const queuesOf = (tenantId: number) => sql.all<{ number_id: string; lane: number }>(QUEUES, tenantId);

  return async (tenantId, filter) => {
    const own = new Set<string>();
    for (const handle of [filter.from, filter.to]) {
      if (handle !== undefined && (await sql.get(IS_OWN, tenantId, handle)) !== undefined) own.add(handle);
    }
    const { where, isByHandle } = listConditions(filter, own);
    const order = filter.after === undefined ? 'DESC' : 'ASC';
    const select = (index: string, condition: string, lane?: NamedValues) =>
      many(`SELECT * FROM messages ${index} WHERE ${where}${condition} ORDER BY id ${order} LIMIT @limit`, {
        ...filter,
        tenantId,
        ...lane,
      });
    if (filter.status === undefined && !isByHandle) return select('', '');
    const found: Message[] = [];
    // The indexes by status and by handle leave out queued messages, which are in the index of the queue.
    if (filter.status !== 'queued') {
      const index = isByHandle ? 'messages_by_remote' : 'messages_by_status';
      found.push(...(await select(`INDEXED BY ${index}`, " AND status <> 'queued'")));
    }
    if (filter.status === undefined || filter.status === 'queued') {
      for (const { number_id, lane } of await queuesOf(tenantId)) {
        const condition = " AND status = 'queued' AND number_id = @numberId AND lane = @lane";
        found.push(...(await select('INDEXED BY messages_queue', condition, { numberId: number_id, lane })));
      }
    }
    const direction = order === 'DESC' ? -1 : 1;
    return found.sort((a, b) => (a.id < b.id ? -direction : direction)).slice(0, filter.limit);
  };
}

/**
 * Returns the conditions of a list. Their parameters are the names of the filter.
 *
 * `from` and `to` may be either party: `to` is the recipient's handle of an outbound message, and the tenant's own number
 * of an inbound one. A handle that was never a number of the tenant (`own`) can only be the other party, for which there
 * is an index.
 */
function listConditions(filter: MessageFilter, own: ReadonlySet<string>) {
  const conditions = ['world_id = @tenantId'];
  let isByHandle = false;
  const addParty = (name: 'from' | 'to', asHandle: Direction, asOwn: Direction) => {
    const handle = filter[name];
    if (handle === undefined) return;
    const isHandle = `(direction = '${asHandle}' AND remote = @${name})`;
    if (own.has(handle)) {
      conditions.push(`(${isHandle} OR (direction = '${asOwn}' AND own_number = @${name}))`);
    } else {
      conditions.push(isHandle);
      isByHandle = true;
    }
  };
  if (filter.before !== undefined) conditions.push('id < @before');
  if (filter.after !== undefined) conditions.push('id > @after');
  if (filter.status !== undefined) conditions.push('status = @status');
  if (filter.direction !== undefined) conditions.push('direction = @direction');
  addParty('from', 'inbound', 'outbound');
  addParty('to', 'outbound', 'inbound');
  return { where: conditions.join(' AND '), isByHandle };
}
