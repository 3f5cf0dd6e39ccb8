/**
 * Reads the messages of a tenant by any combination of filters, newest first.
 *
 * Each page examines a bounded part of the history, so filters that match few messages do not read all of it. A page may
 * therefore have fewer messages than the limit and still have a next page.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import type { Message } from '../../core/model/message.ts';
import type { BrowsePage, MessageBrowseFilter } from '../../core/ports/inbox.ts';
import type { MessageQueries } from '../../core/ports/messages.ts';
import type { NamedValues, Sql } from '../database.ts';
import { QUEUES } from './message-list.ts';
import { messageReader } from './message-rows.ts';

/** Maximum number of index entries that one page examines in each part. */
const EXAMINED_MAX = 2_000;

/** A part of the messages in the order of one index. */
interface Part {
  index: string;
  condition: string;
  values: NamedValues;
}

export function messageBrowser(sql: Sql): MessageQueries['browse'] {
  const { many } = messageReader(sql);

  return async (tenantId, filter, { limit, before }) => {
    const bounds = {
      tenantId,
      before: lower(before, filter.until === undefined ? undefined : firstIdAt(filter.until)) ?? '~',
      since: filter.since === undefined ? '' : firstIdAt(filter.since),
    };
    // The bounds are ids; `since` of the filter is a time.
    const values = { ...filter, ...bounds, limit: limit + 1, last: EXAMINED_MAX - 1 };
    const rest = restOf(filter);
    const found: Message[] = [];
    let floor: string | undefined;
    for (const { index, condition, values: own } of await partsOf(tenantId, filter)) {
      const range = `FROM messages ${index} WHERE ${condition} AND id < @before AND id >= @since`;
      const bound = await sql.get<{ id: string }>(
        `SELECT id ${range} ORDER BY id DESC LIMIT 1 OFFSET @last`,
        { ...values, ...own },
      );
      const floorOfPart = bound?.id ?? '';
      if (floorOfPart > (floor ?? '')) floor = floorOfPart;
      found.push(
        ...(await many(`SELECT * ${range} AND id >= @floor${rest} ORDER BY id DESC LIMIT @limit`, {
          ...values,
          ...own,
          floor: floorOfPart,
        })),
      );
    }
    return pageOf(found, limit, floor);
  };

  async function partsOf(tenantId: number, filter: MessageBrowseFilter): Promise<Part[]> {
    const { status, handle, numberId } = filter;
    if (status === undefined && handle === undefined && numberId === undefined) {
      return [{ index: '', condition: 'world_id = @tenantId', values: {} }];
    }
    const parts: Part[] = [];
    // The indexes by status, handle and number leave out queued messages, which are in the index of the queue.
    if (status !== 'queued') {
      const [index, condition] =
        handle !== undefined
          ? ['messages_by_remote', 'world_id = @tenantId AND remote = @handle']
          : numberId !== undefined && status === undefined
            ? ['messages_by_number', 'number_id = @numberId AND deleted_at IS NULL']
            : ['messages_by_status', 'world_id = @tenantId AND status = @status'];
      const notQueued = `${condition} AND status <> 'queued'`;
      parts.push({ index: `INDEXED BY ${index}`, condition: notQueued, values: {} });
    }
    if (status !== undefined && status !== 'queued') return parts;
    for (const queue of await sql.all<{ number_id: string; lane: number }>(QUEUES, tenantId)) {
      if (numberId !== undefined && queue.number_id !== numberId) continue;
      parts.push({
        index: 'INDEXED BY messages_queue',
        condition: "number_id = @queueId AND status = 'queued' AND lane = @lane",
        values: { queueId: queue.number_id, lane: queue.lane },
      });
    }
    return parts;
  }
}

/** Returns the conditions of all filters, whichever index is read. */
export function restOf({ status, direction, handle, numberId }: MessageBrowseFilter): string {
  return [
    ' AND world_id = @tenantId AND deleted_at IS NULL',
    status === undefined ? '' : ' AND status = @status',
    direction === undefined ? '' : ' AND direction = @direction',
    handle === undefined ? '' : ' AND remote = @handle',
    numberId === undefined ? '' : ' AND number_id = @numberId',
  ].join('');
}

/** `floor`: the highest id down to which all parts were examined; undefined or empty: all of them to their end. */
function pageOf(found: Message[], limit: number, floor: string | undefined): BrowsePage {
  const examined = found.filter(({ id }) => id >= (floor ?? '')).sort((a, b) => (a.id < b.id ? 1 : -1));
  const messages = examined.slice(0, limit);
  if (examined.length > limit) return { messages, next: messages.at(-1)?.id };
  return { messages, next: floor === '' ? undefined : floor };
}

/** Returns the lower one of two ids, if any. */
export function lower(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}
