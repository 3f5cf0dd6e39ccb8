/**
 * Loads the messages of a conversation in pages, and merges changes into the loaded pages. A change never reloads all
 * pages, so a conversation of 10,000 messages stays as quick as a short one.
 */
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Environment } from '../../api/request.ts';
import type { Message, MessagePage } from '../../api/types.ts';
import { useLiveMessages } from '../../live/live-messages.ts';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';

const PAGE = 50;
/** More changed messages than these reload the newest page only. */
const SINGLE_LOADS_MAX = 10;

type Cursor = { before?: string; after?: string; around?: string };
type ThreadData = InfiniteData<MessagePage, Cursor>;

const threadKey = (environment: Environment, id: string, around: string | undefined) =>
  [environment, 'thread', id, around ?? 'latest'] as const;

/** `around`: id of a message that the first page contains. Messages are oldest first. */
export function useThread(id: string, around: string | undefined) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const key = useMemo(() => threadKey(environment, id, around), [environment, id, around]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      send<MessagePage>('GET', `/conversations/${id}/messages`, {
        query: { ...pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: (around === undefined ? {} : { around }) as Cursor,
    // Pages are newest first, so the next page is the older one.
    getNextPageParam: ({ older }): Cursor | undefined => (older === null ? undefined : { before: older }),
    getPreviousPageParam: ({ newer }): Cursor | undefined => (newer === null ? undefined : { after: newer }),
    // Changes are merged; a refetch would load every page again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const messages = useMemo(() => {
    const newestFirst = (query.data?.pages ?? []).flatMap((page) => page.messages);
    return newestFirst.reverse();
  }, [query.data]);

  const live = useLiveMessages(id);
  useEffect(() => {
    let isCancelled = false;
    const merge = async (ids: readonly string[] | 'all') => {
      const newest = await send<MessagePage>('GET', `/conversations/${id}/messages`, {
        query: { limit: PAGE },
      });
      if (isCancelled) return;
      const known = client.getQueryData<ThreadData>(key);
      if (known === undefined) return;
      const merged = mergeNewest(known, newest);
      if (merged === undefined) {
        await client.resetQueries({ queryKey: key });
        return;
      }
      client.setQueryData<ThreadData>(key, merged);
      const fresh = new Set(newest.messages.map((message) => message.id));
      const loaded = new Set(merged.pages.flatMap((page) => page.messages.map((message) => message.id)));
      const others = ids === 'all' ? [] : ids.filter((one) => loaded.has(one) && !fresh.has(one));
      for (const one of others.slice(0, SINGLE_LOADS_MAX)) {
        const { message } = await send<{ message: Message }>('GET', `/messages/${one}`);
        if (!isCancelled) mergeMessage(client, key, message);
      }
    };
    // The conversation was left and is shown again: changes in between were not merged.
    if (client.getQueryData(key) !== undefined) void merge('all').catch(() => {});
    return chain(
      live.subscribe((ids) => void merge(ids).catch(() => {})),
      () => {
        isCancelled = true;
      },
    );
  }, [live, client, key, send, id]);

  return { query, messages, merge: (message: Message) => mergeMessage(client, key, message) };
}

function chain(...functions: Array<() => void>): () => void {
  return () => {
    for (const run of functions) run();
  };
}

/** Replaces known messages and adds new ones. Returns undefined if messages between the two are missing. */
function mergeNewest(known: ThreadData, newest: MessagePage): ThreadData | undefined {
  const [first, ...rest] = known.pages;
  if (first === undefined) return undefined;
  const byId = new Map(newest.messages.map((message) => [message.id, message]));
  const pages = [first, ...rest].map((page) => ({
    ...page,
    messages: page.messages.map((message) => byId.get(message.id) ?? message),
  }));
  const [latestPage] = pages;
  // An old part of the conversation is shown: scrolling loads the newer pages.
  if (latestPage === undefined || first.newer !== null) return { ...known, pages };
  const ids = new Set(pages.flatMap((page) => page.messages.map(({ id }) => id)));
  const added = newest.messages.filter(({ id }) => !ids.has(id));
  const overlaps = added.length < newest.messages.length || first.messages.length === 0;
  if (!overlaps && newest.messages.length > 0) return undefined;
  return {
    ...known,
    pages: [{ ...latestPage, messages: [...added, ...latestPage.messages] }, ...pages.slice(1)],
  };
}

function mergeMessage(client: QueryClient, key: readonly unknown[], message: Message): void {
  client.setQueryData<ThreadData>(key, (known) => {
    if (known === undefined) return known;
    const isKnown = known.pages.some((page) => page.messages.some(({ id }) => id === message.id));
    const pages = known.pages.map((page, index) => {
      if (isKnown) {
        return { ...page, messages: page.messages.map((one) => (one.id === message.id ? message : one)) };
      }
      return index === 0 && page.newer === null ? { ...page, messages: [message, ...page.messages] } : page;
    });
    return { ...known, pages };
  });
}
