/** Distributes the changed messages of the live stream to the open conversation. */
import { useMemo } from 'react';

type Listener = (ids: readonly string[] | 'all') => void;

const listeners = new Map<string, Set<Listener>>();

export function publishMessages(conversationId: string, ids: readonly string[]): void {
  for (const listener of listeners.get(conversationId) ?? []) listener(ids);
}

/** Anything may have changed. */
export function publishAll(): void {
  for (const set of listeners.values()) for (const listener of set) listener('all');
}

export function useLiveMessages(conversationId: string) {
  return useMemo(
    () => ({
      /** Returns a function that removes the listener. */
      subscribe(listener: Listener): () => void {
        const set = listeners.get(conversationId) ?? new Set();
        listeners.set(conversationId, set.add(listener));
        return () => {
          set.delete(listener);
          if (set.size === 0) listeners.delete(conversationId);
        };
      },
    }),
    [conversationId],
  );
}
