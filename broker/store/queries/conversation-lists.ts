/** Defines the lists of conversations: all, unread ones and groups, of a tenant or of a number. */
import type { ConversationFilter } from '../../core/ports/inbox.ts';

/** The indexes in the order of the latest messages: of a tenant, and of a number. */
const LISTS = {
  all: { indexes: ['conversations_of_world', 'conversations_of_number'], condition: '' },
  unread: {
    indexes: ['conversations_unread', 'conversations_unread_of_number'],
    condition: ' AND unread_count > 0',
  },
  groups: {
    indexes: ['conversations_groups', 'conversations_groups_of_number'],
    condition: ' AND is_group = 1',
  },
} as const;

/** Returns the index of a list and the condition of its rows, with the parameters `tenantId` and `numberId`. */
export function listOf({ numberId, only }: Pick<ConversationFilter, 'numberId' | 'only'>): {
  index: string;
  condition: string;
} {
  const { indexes, condition } = LISTS[only ?? 'all'];
  const [ofTenant, ofNumber] = indexes;
  const rest = `${condition} AND latest_id IS NOT NULL`;
  return numberId === undefined
    ? { index: ofTenant, condition: `world_id = @tenantId${rest}` }
    : { index: ofNumber, condition: `number_id = @numberId${rest}` };
}
