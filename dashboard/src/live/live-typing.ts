/** Keeps who types in which conversation. A device may not report the end, so each one ends by itself. */
import { useSyncExternalStore } from 'react';

export interface Typing {
  conversationId: string;
  handle: string;
  isTyping: boolean;
}

const ENDS_AFTER_MS = 60_000;
const NOBODY: readonly string[] = [];

const listeners = new Set<() => void>();
const handlesOf = new Map<string, readonly string[]>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

export function publishTyping(changes: readonly Typing[]): void {
  for (const { conversationId, handle, isTyping } of changes) set(conversationId, handle, isTyping);
}

/** A message of the sender ends the typing. */
export function endTyping(conversationId: string, handle: string): void {
  set(conversationId, handle, false);
}

function set(conversationId: string, handle: string, isTyping: boolean): void {
  const key = `${conversationId} ${handle}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  const others = (handlesOf.get(conversationId) ?? NOBODY).filter((one) => one !== handle);
  if (isTyping) {
    handlesOf.set(conversationId, [...others, handle]);
    timers.set(
      key,
      setTimeout(() => set(conversationId, handle, false), ENDS_AFTER_MS),
    );
  } else if (others.length > 0) handlesOf.set(conversationId, others);
  else handlesOf.delete(conversationId);
  for (const listener of listeners) listener();
}

/** Returns the handles that type in the conversation. */
export function useTyping(conversationId: string): readonly string[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => handlesOf.get(conversationId) ?? NOBODY,
  );
}
