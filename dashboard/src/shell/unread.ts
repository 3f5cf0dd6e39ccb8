/** Counts the conversations with unread messages, for the navigation and the title of the page. */
import { useQuery } from '@tanstack/react-query';
import type { ConversationList } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from './environment.tsx';

export function useUnreadCount(): number {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'conversations', 'unread-count'],
    queryFn: ({ signal }) =>
      send<ConversationList>('GET', '/conversations', { query: { filter: 'unread', limit: 1 }, signal }),
  });
  return data?.unread ?? 0;
}
