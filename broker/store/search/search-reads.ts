/** Searches outside of the transactions, in the search thread. */
import type { SearchQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { inboxQueries } from '../queries/inbox.ts';
import type { SearchThread } from './search-thread.ts';

/** Sorts after every id. */
const LAST = '~';

export function searchReads(
  sql: Sql,
  thread: SearchThread,
): Pick<SearchQueries, 'conversations' | 'messages' | 'find'> {
  const { findMany } = inboxQueries(sql);
  return {
    conversations({ tenantId, numberId, only }, text, { limit, before = LAST }) {
      return thread.findConversations({ tenantId, numberId, only, text, limit, before });
    },
    async messages(tenantId, text, filter, { limit, before }) {
      const { ids, next } = await thread.findFiltered({ tenantId, text, filter, limit, before });
      return { messages: await findMany(tenantId, ids), next };
    },
    async find(tenantId, numberId, phrases, limit) {
      const ids = await thread.findRanked({ tenantId, numberId, phrases, limit });
      const found = await findMany(tenantId, ids);
      return found.filter(({ deletedAt }) => deletedAt === null);
    },
  };
}
