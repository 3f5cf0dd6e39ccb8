/** Sends messages of a conversation: shows them immediately, and keeps a failed one with its reason. */
import { useCallback } from 'react';
import { RequestError } from '../../api/request.ts';
import type { Media, Message } from '../../api/types.ts';
import { publishConversations } from '../../live/live-messages.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { problemText } from '../../ui/problem.tsx';
import { randomKey } from '../../ui/random-key.ts';
import { type PendingMessage, pendingMessages } from './pending-messages.ts';

export interface Outgoing {
  content: string;
  uploads: readonly Media[];
  sendAt: number | null;
  replyTo: { messageId: string; part: number } | null;
  effect: string | null;
}

/** `target` names the conversation, or the recipient and the number of a new one. */
export type Target = { conversationId: string } | { to: string; numberId: string | undefined };

const ATTEMPTS = 3;
const PAUSE_MS = 1_500;

export function useSend(scope: string, target: Target, onAccepted: (message: Message) => void) {
  const send = useTenantRequest();
  const targetText = JSON.stringify(target);

  const attempt = useCallback(
    async (pending: PendingMessage) => {
      pendingMessages.put(scope, { ...pending, state: 'sending', problem: null });
      const { key, content, uploads, sendAt, replyTo, effect } = pending;
      const body = {
        ...(JSON.parse(targetText) as Target),
        content,
        uploadIds: uploads.map(({ id }) => id),
        sendAt: sendAt ?? undefined,
        replyTo: replyTo ?? undefined,
        effect: effect ?? undefined,
        idempotencyKey: key,
      };
      try {
        const message = await withRetries(() => send<Message>('POST', '/messages', { body }));
        pendingMessages.remove(scope, key);
        onAccepted(message);
        publishConversations();
        return message;
      } catch (error) {
        const problem = error instanceof Error ? problemText(error) : String(error);
        pendingMessages.put(scope, { ...pending, state: 'failed', problem });
        return undefined;
      }
    },
    [scope, send, targetText, onAccepted],
  );

  return {
    send: (outgoing: Outgoing) =>
      attempt({
        ...outgoing,
        key: randomKey(),
        createdAt: Date.now(),
        state: 'sending',
        problem: null,
      }),
    retry: attempt,
    discard: (pending: PendingMessage) => pendingMessages.remove(scope, pending.key),
  };
}

/** Retries while the broker does not respond or cannot store: both end by themselves. */
async function withRetries<T>(run: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await run();
    } catch (error) {
      const isTransient = error instanceof RequestError && (error.status === 0 || error.status === 503);
      if (!isTransient || left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
