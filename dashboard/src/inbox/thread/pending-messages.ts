/**
 * Holds messages that were written and are not confirmed by the broker yet. They are shown immediately, and survive a
 * reload of the page. The idempotency key makes a repeated request safe: the broker sends the message once.
 */
import { useSyncExternalStore } from 'react';
import type { Media } from '../../api/types.ts';

export interface PendingMessage {
  /** Idempotency key. */
  key: string;
  content: string;
  uploads: readonly Media[];
  sendAt: number | null;
  /** Missing in messages that an older version of the page stored. */
  replyTo?: { messageId: string; part: number } | null;
  effect?: string | null;
  createdAt: number;
  state: 'sending' | 'failed';
  problem: string | null;
}

type Listener = () => void;

const listeners = new Set<Listener>();
const cache = new Map<string, readonly PendingMessage[]>();
const NONE: readonly PendingMessage[] = [];

const storageKey = (scope: string) => `homing.pending.${scope}`;

function read(scope: string): readonly PendingMessage[] {
  const known = cache.get(scope);
  if (known !== undefined) return known;
  let stored: PendingMessage[] = [];
  try {
    stored = JSON.parse(localStorage.getItem(storageKey(scope)) ?? '[]') as PendingMessage[];
  } catch {
    // An older version may have stored another format.
  }
  // The page was closed while it waited for the response.
  const restored = stored.map((one) =>
    one.state === 'sending'
      ? { ...one, state: 'failed' as const, problem: 'The page was closed before it was sent.' }
      : one,
  );
  cache.set(scope, restored.length === 0 ? NONE : restored);
  return cache.get(scope) ?? NONE;
}

function write(scope: string, pending: readonly PendingMessage[]): void {
  cache.set(scope, pending.length === 0 ? NONE : pending);
  if (pending.length === 0) localStorage.removeItem(storageKey(scope));
  else localStorage.setItem(storageKey(scope), JSON.stringify(pending));
  for (const listener of listeners) listener();
}

/** `scope`: environment and conversation. */
export const pendingMessages = {
  put(scope: string, message: PendingMessage): void {
    write(scope, [...read(scope).filter(({ key }) => key !== message.key), message]);
  },
  remove(scope: string, key: string): void {
    write(
      scope,
      read(scope).filter((one) => one.key !== key),
    );
  },
};

export function usePendingMessages(scope: string): readonly PendingMessage[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(scope),
  );
}
