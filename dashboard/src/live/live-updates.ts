/**
 * Follows the live stream of the broker and marks the cached responses that have changed as stale; the visible ones are
 * fetched again. After a lost connection everything visible is fetched again, because changes may have been missed.
 */
import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { API, type Environment } from '../api/request.ts';
import { SESSION_KEY } from '../session/session.tsx';
import { useEnvironment } from '../shell/environment.tsx';
import { publishAll, publishConversations, publishMessages } from './live-messages.ts';
import { publishTyping, type Typing } from './live-typing.ts';
import { useNotifications } from './notifications.ts';

export interface LiveFrame {
  messages?: ReadonlyArray<{ id: string; conversationId: string }>;
  /** Conversations of groups whose name or participants changed. */
  groups?: readonly string[];
  /** Participants who began or stopped to type. */
  typing?: readonly Typing[];
  /** Names of query keys, such as `keys` or `webhooks`. */
  topics?: readonly string[];
  /** Anything may have changed. */
  all?: boolean;
}

/** The browser itself reconnects after a cut; it gives up after an error response. */
const RECONNECT_MS = 3_000;
/** A short cut, such as a restart of the broker, is not worth a bar that appears and disappears. */
const LOST_AFTER_MS = 2_000;
const CATCH_UP_MS = 1_000;
/** One change often causes several frames. */
const JOIN_MS = 50;

export function useLiveUpdates(): 'connected' | 'lost' {
  const environment = useEnvironment();
  const client = useQueryClient();
  const [state, setState] = useState<'connected' | 'lost'>('connected');
  const notify = useNotifications();
  useEffect(() => {
    let source: EventSource | undefined;
    let reconnecting: ReturnType<typeof setTimeout> | undefined;
    let lost: ReturnType<typeof setTimeout> | undefined;
    let catchingUp: ReturnType<typeof setTimeout> | undefined;
    let flushing: ReturnType<typeof setTimeout> | undefined;
    let waiting: LiveFrame = {};
    let hasBeenOpen = false;
    const connect = () => {
      source = new EventSource(`${API}/${environment}/events`);
      source.onopen = () => {
        clearTimeout(lost);
        lost = undefined;
        setState('connected');
        // A change between the first responses and the start of the stream was not reported. The requests that are
        // running now may have been read before it too.
        catchingUp = setTimeout(() => markAllStale(client), hasBeenOpen ? 0 : CATCH_UP_MS);
        hasBeenOpen = true;
      };
      source.onmessage = ({ data }) => {
        const frame = JSON.parse(data) as LiveFrame;
        notify(frame);
        publishTyping(frame.typing ?? []);
        waiting = joined(waiting, frame);
        flushing ??= setTimeout(() => {
          markStale(client, environment, waiting);
          waiting = {};
          flushing = undefined;
        }, JOIN_MS);
      };
      source.onerror = () => {
        lost ??= setTimeout(() => setState('lost'), LOST_AFTER_MS);
        if (source?.readyState !== EventSource.CLOSED) return;
        // The session may have ended: its query finds out.
        void client.invalidateQueries({ queryKey: SESSION_KEY });
        reconnecting = setTimeout(connect, RECONNECT_MS);
      };
    };
    connect();
    return () => {
      clearTimeout(reconnecting);
      clearTimeout(lost);
      clearTimeout(catchingUp);
      clearTimeout(flushing);
      source?.close();
    };
  }, [environment, client, notify]);
  return state;
}

function joined(first: LiveFrame, second: LiveFrame): LiveFrame {
  return {
    messages: [...(first.messages ?? []), ...(second.messages ?? [])],
    groups: [...(first.groups ?? []), ...(second.groups ?? [])],
    topics: [...new Set([...(first.topics ?? []), ...(second.topics ?? [])])],
    all: first.all === true || second.all === true,
  };
}

function markStale(
  client: QueryClient,
  environment: Environment,
  { messages = [], groups = [], topics = [], all }: LiveFrame,
) {
  if (all === true) {
    markAllStale(client);
    return;
  }
  for (const topic of topics) {
    const predicate = (query: Query) => !isLoadingMore(query);
    void client.invalidateQueries({ queryKey: [environment, topic], predicate });
    void client.invalidateQueries({ queryKey: [topic], predicate });
    // A conversation has the capabilities of the devices of its number.
    if (topic === 'devices') void client.invalidateQueries({ queryKey: [environment, 'conversation'] });
    if (topic === 'conversations' || topic === 'contacts' || topic === 'messages') publishConversations();
  }
  for (const id of groups) void client.invalidateQueries({ queryKey: [environment, 'conversation', id] });
  if (groups.length > 0) publishConversations();
  if (messages.length === 0) return;
  void client.invalidateQueries({ queryKey: [environment, 'conversations'] });
  const changed = new Map<string, string[]>();
  for (const { id, conversationId } of messages) {
    changed.set(conversationId, [...(changed.get(conversationId) ?? []), id]);
  }
  for (const id of changed.keys())
    void client.invalidateQueries({ queryKey: [environment, 'conversation', id] });
  publishMessages(changed);
  for (const { id } of messages) void client.invalidateQueries({ queryKey: [environment, 'message', id] });
}

/** These are merged instead, because a refetch would load all their pages. */
const MERGED: readonly unknown[] = ['thread', 'conversation-list', 'message-list'];

/** A refetch would cancel a further page that the viewer has just asked for. */
function isLoadingMore({ state }: Query): boolean {
  return state.fetchStatus === 'fetching' && state.fetchMeta?.fetchMore !== undefined;
}

function markAllStale(client: QueryClient) {
  void client.invalidateQueries({
    predicate: (query) => !MERGED.includes(query.queryKey[1]) && !isLoadingMore(query),
  });
  publishAll();
}
