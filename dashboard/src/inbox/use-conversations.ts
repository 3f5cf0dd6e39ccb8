/**
 * Loads the list of conversations in pages, and merges changes into it. A change loads the first page again and never all
 * pages, so a list of 10,000 conversations stays as quick as a short one.
 */
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Conversation, ConversationList } from '../api/types.ts';
import { subscribeToConversations } from '../live/live-messages.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';

type ListData = InfiniteData<ConversationList, string>;

const PAGE = 50;
/** Changed conversations beyond these, and not on the first page, keep their old state until they are opened. */
const SINGLE_LOADS_MAX = 10;
const PAUSE_MS = 400;

interface Filters {
  filter: string;
  number: string;
  search: string;
}

export function useConversations({ filter, number, search }: Filters) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const key = useMemo(
    () => [environment, 'conversation-list', filter, number, search] as const,
    [environment, filter, number, search],
  );
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      send<ConversationList>('GET', '/conversations', {
        query: { filter, number, search, cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (previous) => previous,
    // Changes are merged. After a minute without use, the list is loaded again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

  useEffect(() => {
    let isClosed = false;
    const refresh = async (changed: readonly string[] | 'all') => {
      const first = await send<ConversationList>('GET', '/conversations', {
        query: { filter, number, search, limit: PAGE },
      });
      const fresh = new Set(first.conversations.map(({ id }) => id));
      const loaded = new Set(client.getQueryData<ListData>(key)?.pages.flatMap(idsOf));
      const others = changed === 'all' ? [] : changed.filter((id) => loaded.has(id) && !fresh.has(id));
      const single = await Promise.all(
        others.slice(0, SINGLE_LOADS_MAX).map((id) => send<Conversation>('GET', `/conversations/${id}`)),
      );
      if (isClosed) return;
      client.setQueryData<ListData>(key, (known) => known && mergeFirstPage(known, first, single));
    };
    const follow = oneAtATime(refresh);
    // The list was left and is shown again: changes in between were not merged.
    if (client.getQueryData(key) !== undefined) follow('all');
    const unsubscribe = subscribeToConversations(follow);
    return () => {
      isClosed = true;
      unsubscribe();
    };
  }, [client, key, send, filter, number, search]);

  const conversations = useMemo(() => {
    // A conversation with a new message moves to the first page and may still be on a later one.
    const byId = new Map<string, Conversation>();
    for (const page of query.data?.pages ?? [])
      for (const one of page.conversations) if (!byId.has(one.id)) byId.set(one.id, one);
    return [...byId.values()];
  }, [query.data]);
  return { query, conversations };
}

const idsOf = ({ conversations }: ConversationList) => conversations.map(({ id }) => id);

/** Conversations that left the first page stay, at the start of the second one. */
function mergeFirstPage(
  { pages, pageParams }: ListData,
  first: ConversationList,
  single: readonly Conversation[],
): ListData {
  const [before, second, ...rest] = pages;
  const fresh = new Set(idsOf(first));
  const left = before?.conversations.filter(({ id }) => !fresh.has(id)) ?? [];
  const isGap = before !== undefined && left.length > 0 && left.length === before.conversations.length;
  if (before === undefined || second === undefined || isGap) return { pages: [first], pageParams: [''] };
  const byId = new Map(single.map((one) => [one.id, one]));
  const renewed = [{ ...second, conversations: [...left, ...second.conversations] }, ...rest].map((page) => ({
    ...page,
    conversations: page.conversations.map((one) => byId.get(one.id) ?? one),
  }));
  return { pages: [first, ...renewed], pageParams };
}

/** A change often causes several frames: calls that arrive while one runs, or shortly after it, are joined into one. */
function oneAtATime(run: (changed: readonly string[] | 'all') => Promise<void>) {
  let isRunning = false;
  let waiting: Set<string> | 'all' | undefined;
  const start = (changed: readonly string[] | 'all') => {
    isRunning = true;
    run(changed)
      // The next change, or the next connection, loads the list again.
      .catch(() => {})
      .finally(() => {
        setTimeout(() => {
          isRunning = false;
          const next = waiting;
          waiting = undefined;
          if (next !== undefined) start(next === 'all' ? 'all' : [...next]);
        }, PAUSE_MS);
      });
  };
  return (changed: readonly string[] | 'all') => {
    if (!isRunning) start(changed);
    else if (changed === 'all' || waiting === 'all') waiting = 'all';
    else waiting = new Set([...(waiting ?? []), ...changed]);
  };
}
