/**
 * Loads messages in pages. While only the first page is shown, it follows the changes. With further pages a change is
 * announced instead, so that the list does not move and not all pages load again.
 */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { MessageList } from '../api/types.ts';
import { subscribeToConversations } from '../live/live-messages.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { type Filters, queryOf } from './message-filters.tsx';

const PAGE = 50;
/** A busy line changes several times a second. */
const FOLLOW_AFTER_MS = 500;

export function useMessages(filters: Filters, days: string | null) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const [hasNew, setHasNew] = useState(false);
  const filterText = JSON.stringify([filters, days]);
  const key = useMemo(() => [environment, 'message-list', filterText] as const, [environment, filterText]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      send<MessageList>('GET', '/messages', {
        query: { ...queryOf(filters, days), cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (previous) => previous,
    // The list was left and is shown again: changes in between were not followed.
    staleTime: 0,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const messages = query.data?.pages.flatMap((page) => page.messages) ?? [];
  const pages = query.data?.pages.length ?? 0;
  useEffect(() => {
    let following: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = subscribeToConversations(() => {
      if (pages > 1) {
        setHasNew(true);
        return;
      }
      following ??= setTimeout(() => {
        following = undefined;
        void refetch();
      }, FOLLOW_AFTER_MS);
    });
    return () => {
      clearTimeout(following);
      unsubscribe();
    };
  }, [pages, refetch]);

  // A page examines a limited number of messages, so it may be empty before the end.
  const isShort =
    messages.length < PAGE / 2 && hasNextPage && !isFetchingNextPage && !query.isPlaceholderData;
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);

  return {
    query,
    messages,
    hasNew: hasNew && pages > 1,
    showNew() {
      setHasNew(false);
      void client.resetQueries({ queryKey: key });
    },
  };
}
