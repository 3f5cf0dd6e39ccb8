/**
 * Changes messages and groups: reacts, edits, unsends, renames. A device carries the changes out, so each one is pending
 * until the broker reports its end. A failed one disappears, with its reason.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Action, ActionResponse, Message, MessageDetail } from '../../api/types.ts';
import { useLiveMessages } from '../../live/live-messages.ts';
import { useTenantRequest } from '../../shell/environment.tsx';
import { showProblem } from '../../ui/toasts.tsx';

type Method = 'POST' | 'PATCH' | 'DELETE';

export interface Actions {
  /** Not carried out yet, oldest first. */
  pending: readonly Action[];
  react(message: Message, reaction: string): void;
  unreact(message: Message, reactionId: string): void;
  edit(message: Message, content: string): Promise<void>;
  unsend(message: Message): void;
  /** Changes the group. `path` follows that of the conversation. @throws RequestError */
  changeGroup(method: Method, path: string, body?: unknown): Promise<void>;
}

const FAILED: Partial<Record<Action['kind'], string>> = {
  react: 'The reaction was not sent',
  unreact: 'The reaction was not removed',
  edit: 'The message was not edited',
  unsend: 'The message was not unsent',
};

export function useActions(conversationId: string, merge: (message: Message) => void): Actions {
  const send = useTenantRequest();
  const [pending, setPending] = useState<readonly Action[]>([]);
  const current = useRef(pending);
  const mergeNow = useRef(merge);
  /** Actions whose end is shown: several changes may arrive while one is read. */
  const ended = useRef(new Set<string>());
  useEffect(() => {
    current.current = pending;
    mergeNow.current = merge;
  }, [pending, merge]);

  const settle = useCallback(
    async ({ id, kind, messageId }: Action) => {
      const { action } = await send<ActionResponse>('GET', `/actions/${id}`);
      if (action === null || action.status === 'queued' || action.status === 'polling') return;
      const changed = messageId === null ? null : await send<MessageDetail>('GET', `/messages/${messageId}`);
      if (ended.current.has(id)) return;
      ended.current.add(id);
      if (changed !== null) mergeNow.current(changed.message);
      setPending((all) => all.filter((one) => one.id !== id));
      if (action.error !== null && action.error.code !== 'cancelled') {
        showProblem(new Error(`${FAILED[kind] ?? 'The group was not changed'}: ${action.error.message}`));
      }
    },
    [send],
  );

  const live = useLiveMessages(conversationId);
  useEffect(
    () =>
      live.subscribe((ids) => {
        // An action is a message of the queue: its id has the same digits.
        const isChanged = ({ id }: Action) => ids === 'all' || ids.includes(id.replace('act_', 'msg_'));
        for (const one of current.current.filter(isChanged)) void settle(one).catch(() => {});
      }),
    [live, settle],
  );

  const run = useCallback(
    async (method: Method, path: string, body?: unknown) => {
      const { action } = await send<ActionResponse>(method, path, { body });
      // Null: done at once. A cancelled reaction was never sent.
      if (action === null || action.status === 'failed') {
        setPending((all) => all.filter(({ id }) => id !== action?.id));
        return;
      }
      setPending((all) => [...all, action]);
      // The device may have been quicker than the response.
      await settle(action);
    },
    [send, settle],
  );

  return useMemo(() => {
    const inBackground = (method: Method, path: string, body?: unknown) =>
      void run(method, path, body).catch(showProblem);
    return {
      pending,
      react: ({ id }, reaction) => inBackground('POST', `/messages/${id}/reactions`, { reaction }),
      unreact: ({ id }, reactionId) => inBackground('DELETE', `/messages/${id}/reactions/${reactionId}`),
      edit: ({ id }, content) => run('PATCH', `/messages/${id}`, { content }),
      unsend: ({ id }) => inBackground('POST', `/messages/${id}/unsend`),
      changeGroup: (method, path, body) => run(method, `/conversations/${conversationId}${path}`, body),
    };
  }, [pending, run, conversationId]);
}
