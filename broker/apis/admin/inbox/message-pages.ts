/** Reads pages of messages by the filters of the dashboard: by index, by words, or scheduled ones. */
import type { Message } from '../../../core/model/message.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { BrowsePage } from '../../../core/ports/inbox.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { MessageFilters } from './message-list-schemas.ts';

/** Number of scheduled messages that one page examines. */
const SCHEDULED_MAX = 500;

export async function readMessages(
  read: Queries,
  tenant: Tenant,
  { number, recipient, scheduled, search, ...filters }: MessageFilters,
  page: { limit: number; before: string | undefined },
  now: number,
): Promise<BrowsePage> {
  const filter = { ...filters, numberId: number, handle: recipient };
  if (scheduled === true) {
    const isMatch = (message: Message) =>
      (number === undefined || message.numberId === number) &&
      (recipient === undefined || message.handle === recipient) &&
      (search === undefined || message.content.toLowerCase().includes(search.toLowerCase())) &&
      (filters.direction ?? 'outbound') === 'outbound' &&
      (filters.status ?? 'queued') === 'queued' &&
      message.createdAt >= (filters.since ?? 0) &&
      message.createdAt < (filters.until ?? Number.POSITIVE_INFINITY);
    return readScheduled(read, tenant, isMatch, page, now);
  }
  if (search !== undefined) return read.search.messages(tenant.id, search, filter, page);
  return read.messages.browse(tenant.id, filter, page);
}

/** Earliest send time first. */
async function readScheduled(
  read: Queries,
  tenant: Tenant,
  isMatch: (message: Message) => boolean,
  { limit, before }: { limit: number; before: string | undefined },
  now: number,
): Promise<BrowsePage> {
  const after = before === undefined ? undefined : await read.messages.find(tenant.id, before);
  if (before !== undefined && (after === undefined || after.sendAt === null)) {
    return { messages: [], next: undefined };
  }
  const found = await read.messages.scheduled(tenant.id, { now, limit: SCHEDULED_MAX, after });
  const matching = found.filter(isMatch);
  const messages = matching.slice(0, limit);
  if (matching.length > limit) return { messages, next: messages.at(-1)?.id };
  return { messages, next: found.length === SCHEDULED_MAX ? found.at(-1)?.id : undefined };
}
