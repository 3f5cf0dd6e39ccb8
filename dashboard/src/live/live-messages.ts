/** Distributes the changed messages of the live stream to the open conversation and to the list of conversations. */
import { useMemo } from 'react';

type Listener = (ids: readonly string[] | 'all') => void;

/** By conversation; the listeners of the list receive the ids of conversations. */
const listeners = new Map<string, Set<Listener>>();
const LIST = 'list';

export function publishMessages(messagesOf: ReadonlyMap<string, readonly string[]>): void {
  for (const [conversationId, ids] of messagesOf) notify(conversationId, ids);
  notify(LIST, [...messagesOf.keys()]);
}

/** Conversations may have changed without a new message, such as the name of a contact. */
export function publishConversations(): void {
  notify(LIST, 'all');
}

/** Anything may have changed. */
export function publishAll(): void {
  for (const name of listeners.keys()) notify(name, 'all');
}

function notify(name: string, ids: readonly string[] | 'all'): void {
  for (const listener of listeners.get(name) ?? []) listener(ids);
}

/** `subscribe` returns a function that removes the listener. */
export function useLiveMessages(conversationId: string) {
  return useMemo(
    () => ({ subscribe: (listener: Listener) => subscribe(conversationId, listener) }),
    [conversationId],
  );
}

export function subscribeToConversations(listener: Listener): () => void {
  return subscribe(LIST, listener);
}

function subscribe(name: string, listener: Listener): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(name);
  };
}
