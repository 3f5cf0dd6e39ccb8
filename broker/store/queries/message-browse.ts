/**
 * Reads the messages of a tenant by any combination of filters, newest first.
 *
 * Each page examines a bounded part of the history, so filters that match few messages do not read all of it. A page may
 * therefore have fewer messages than the limit and still have a next page.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import type { ConversationKey } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { BrowsePage, MessagePageFilter } from '../../core/ports/inbox.ts';
import type { MessageQueries } from '../../core/ports/messages.ts';
import type { NamedValues, Sql } from '../database.ts';
import { QUEUES } from './message-list.ts';
import { messageReader } from './message-rows.ts';

/** Maximum number of index entries that one page examines in each part. */
const EXAMINED_MAX = 2_000;

/** An id is made shortly after the creation time of its message. */
const ID_LATER_MS = 60_000;

/** A part of the messages in the order of one index. */
interface Part {
  index: string;
  condition: string;
  values: NamedValues;
}

export function messageBrowser(sql: Sql): MessageQueries['browse'] {
  const { many } = messageReader(sql);

  return async (tenantId, filter, { limit, before }) => {
    const { status, direction, handle, numberId, since, until, conversation } = filter;
    const values = {
      ...{ tenantId, status, direction, handle, numberId, since, until },
      ...(conversation && { ofNumber: conversation.numberId, recipient: conversation.recipient }),
      before: lower(before, until === undefined ? undefined : firstIdAt(until + ID_LATER_MS)) ?? '~',
      sinceId: since === undefined ? '' : firstIdAt(since),
      limit: limit + 1,
      last: EXAMINED_MAX - 1,
    };
    const rest =
      restOf(filter) +
      (since === undefined ? '' : ' AND created_at >= @since') +
      (until === undefined ? '' : ' AND created_at < @until');
    const found: Message[] = [];
    let floor: string | undefined;
    for (const { index, condition, values: own } of await partsOf(tenantId, filter)) {
      const range = `FROM messages ${index} WHERE ${condition} AND id < @before AND id >= @sinceId`;
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

  async function partsOf(tenantId: number, filter: MessagePageFilter): Promise<Part[]> {
    const { status, handle, numberId, conversation, isUnread, blocked } = filter;
    if (blocked === 'only') return [part('messages_blocked', 'world_id = @tenantId AND is_blocked = 1')];
    if (conversation !== undefined) return partsOfConversation(tenantId, conversation, isUnread === true);
    if (isUnread === true) {
      const numbers = await sql.all<{ id: string }>('SELECT id FROM numbers WHERE world_id = ?', tenantId);
      const ofNumber = 'number_id = @unreadOf AND is_unread = 1';
      return numbers.map(({ id }) => part('messages_unread', ofNumber, { unreadOf: id }));
    }
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
      parts.push(part(index, notQueued));
    }
    if (status !== undefined && status !== 'queued') return parts;
    return [...parts, ...(await queuedParts(tenantId, numberId))];
  }

  async function partsOfConversation(
    tenantId: number,
    { numberId, isGroup }: ConversationKey,
    isUnread: boolean,
  ): Promise<Part[]> {
    if (isUnread) {
      const unread = 'number_id = @ofNumber AND COALESCE(chat, remote) = @recipient AND is_unread = 1';
      return [part('messages_unread_in', unread)];
    }
    if (isGroup) {
      return [part('messages_by_chat', 'number_id = @ofNumber AND chat = @recipient AND chat IS NOT NULL')];
    }
    const notQueued = "world_id = @tenantId AND remote = @recipient AND status <> 'queued'";
    return [part('messages_by_remote', notQueued), ...(await queuedParts(tenantId, numberId))];
  }

  async function queuedParts(tenantId: number, numberId: string | undefined): Promise<Part[]> {
    const queues = await sql.all<{ number_id: string; lane: number }>(QUEUES, tenantId);
    const inLane = "number_id = @queueId AND status = 'queued' AND lane = @lane";
    return queues
      .filter(({ number_id }) => numberId === undefined || number_id === numberId)
      .map(({ number_id, lane }) => part('messages_queue', inLane, { queueId: number_id, lane }));
  }
}

const part = (index: string, condition: string, values: NamedValues = {}): Part => ({
  index: `INDEXED BY ${index}`,
  condition,
  values,
});

/** Returns the conditions of all filters, whichever index is read. */
export function restOf(filter: MessagePageFilter): string {
  const { status, direction, handle, numberId, conversation, isUnread, blocked, omitsGroups } = filter;
  return [
    ' AND world_id = @tenantId',
    whereBlocked(blocked),
    conversation === undefined
      ? ''
      : ` AND number_id = @ofNumber AND ${conversation.isGroup ? 'chat = @recipient' : 'remote = @recipient AND chat IS NULL'}`,
    isUnread === undefined ? '' : ` AND is_unread = ${isUnread ? 1 : 0}`,
    omitsGroups && conversation === undefined ? ' AND chat IS NULL' : '',
    status === undefined ? '' : ' AND status = @status',
    direction === undefined ? '' : ' AND direction = @direction',
    handle === undefined ? '' : ' AND remote = @handle',
    numberId === undefined ? '' : ' AND number_id = @numberId',
  ].join('');
}

function whereBlocked(blocked: MessagePageFilter['blocked']): string {
  return blocked === 'only' ? ' AND is_blocked = 1' : ' AND deleted_at IS NULL';
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
