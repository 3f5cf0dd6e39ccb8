/**
 * Lists the messages of a tenant by status, direction and party, newest first or from an id on.
 *
 * A list omits actions and the messages of blocked senders. There may be many of them in a row, so a list examines them in
 * parts, and other requests are served between the parts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** Maximum number of index entries that one statement examines behind the first page. */
const EXAMINED_MAX = 2_000;

/** A part of the messages in the order of one index. */
interface Part {
  index: string;
  condition: string;
  values?: NamedValues;
}

export function messageList(sql: Sql): MessageQueries['list'] {
  const { many } = messageReader(sql);

  /** Returns the numbers and lanes with queued messages. The index of the queue has each lane in order of id. */
  const queuesOf = (tenantId: number) => sql.all<{ number_id: string; lane: number }>(QUEUES, tenantId);

  return async (tenantId, { isBlocked = false, ...filter }) => {
    const own = new Set<string>();
    for (const handle of [filter.from, filter.to]) {
      if (handle !== undefined && (await sql.get(IS_OWN, tenantId, handle)) !== undefined) own.add(handle);
    }
    const { where, party } = listConditions(filter, own);
    const { before, after, limit, status } = filter;
    const [order, further, within] = after === undefined ? ['DESC', '<', '>='] : ['ASC', '>', '<='];
    const beyond = (id: string | undefined) => (id === undefined ? '' : ` AND id ${further} @beyond`);

    /** Returns messages of the part, among them actions and messages of blocked senders. */
    const firstOf = ({ index, condition, values }: Part) =>
      many(
        `SELECT * FROM messages ${index} WHERE ${where}${condition}${beyond(before ?? after)} ORDER BY id ${order} LIMIT @limit`,
        { ...filter, ...values, tenantId, beyond: before ?? after },
      );
    /** Returns the shown messages of the part beyond the id. */
    const readOn = async ({ index, condition, values }: Part, from: string | undefined, wanted: number) => {
      const shown: Message[] = [];
      const isShown = isBlocked ? '' : ' AND is_blocked = 0 AND action IS NULL';
      let id = from;
      for (;;) {
        const range = `FROM messages ${index} WHERE world_id = @tenantId${condition}${beyond(id)}`;
        const named = { ...filter, ...values, tenantId, beyond: id, last: EXAMINED_MAX - 1 };
        const bound = await sql.get<{ id: string }>(
          `SELECT id ${range} ORDER BY id ${order} LIMIT 1 OFFSET @last`,
          named,
        );
        const isExamined = bound === undefined ? '' : ` AND id ${within} @bound`;
        const rows = await many(
          `SELECT * ${range}${isExamined}${isShown} AND ${where} ORDER BY id ${order} LIMIT @limit`,
          { ...named, bound: bound?.id, limit: wanted - shown.length },
        );
        shown.push(...rows);
        if (shown.length >= wanted || bound === undefined) return shown;
        id = bound.id;
        await nextTurn();
      }
    };
    const read = async (part: Part) => {
      const first = await firstOf(part);
      const shown = first.filter((message) => !message.isBlocked && message.action === null);
      if (shown.length === first.length || first.length < limit) return shown;
      return [...shown, ...(await readOn(part, first.at(-1)?.id, limit - shown.length))];
    };

    if (isBlocked) {
      const part = { index: 'INDEXED BY messages_blocked', condition: ' AND is_blocked = 1' };
      return readOn(part, before ?? after, limit);
    }
    if (status === undefined && party === undefined) return read({ index: '', condition: '' });
    const found: Message[] = [];
    // The indexes by status and by handle leave out queued messages, which are in the index of the queue.
    if (status !== 'queued') {
      const [index, condition] =
        party === undefined
          ? ['messages_by_status', 'status = @status']
          : ['messages_by_remote', `remote = @${party}`];
      found.push(
        ...(await read({
          index: `INDEXED BY ${index}`,
          condition: ` AND ${condition} AND status <> 'queued'`,
        })),
      );
    }
    if (status === undefined || status === 'queued') {
      for (const { number_id, lane } of await queuesOf(tenantId)) {
        const condition = " AND status = 'queued' AND number_id = @numberId AND lane = @lane";
        const values = { numberId: number_id, lane };
        found.push(...(await read({ index: 'INDEXED BY messages_queue', condition, values })));
      }
    }
    const direction = after === undefined ? -1 : 1;
    return found.sort((a, b) => (a.id < b.id ? -direction : direction)).slice(0, limit);
  };
}

/**
 * Returns the conditions of a list. Their parameters are the names of the filter.
 *
 * `from` and `to` may be either party: `to` is the recipient's handle of an outbound message, and the tenant's own number
 * of an inbound one. A handle that was never a number of the tenant (`own`) can only be the other party (`party`), for
 * which there is an index.
 */
function listConditions(filter: MessageFilter, own: ReadonlySet<string>) {
  const conditions = ['world_id = @tenantId'];
  let party: 'from' | 'to' | undefined;
  const addParty = (name: 'from' | 'to', asHandle: Direction, asOwn: Direction) => {
    const handle = filter[name];
    if (handle === undefined) return;
    const isHandle = `(direction = '${asHandle}' AND remote = @${name})`;
    if (own.has(handle)) {
      conditions.push(`(${isHandle} OR (direction = '${asOwn}' AND own_number = @${name}))`);
    } else {
      conditions.push(isHandle);
      party = name;
    }
  };
  if (filter.status !== undefined) conditions.push('status = @status');
  if (filter.direction !== undefined) conditions.push('direction = @direction');
  addParty('from', 'inbound', 'outbound');
  addParty('to', 'outbound', 'inbound');
  return { where: conditions.join(' AND '), party };
}
