/** Provides the open conversation and its actions to the messages. */
import { createContext, useContext } from 'react';
import type { Conversation, Message } from '../../api/types.ts';
import type { Actions } from './use-actions.ts';

export interface OpenConversation {
  conversation: Conversation;
  actions: Actions;
  sendAgain(message: Message): void;
  cancel(message: Message): void;
  /** Undefined: the device cannot send replies, or the member may not write. */
  reply: ((message: Message) => void) | undefined;
}

const ThreadContext = createContext<OpenConversation | undefined>(undefined);

export const ThreadProvider = ThreadContext.Provider;

export function useOpenConversation(): OpenConversation {
  const open = useContext(ThreadContext);
  if (open === undefined) throw new Error('useOpenConversation needs a ThreadProvider.');
  return open;
}
