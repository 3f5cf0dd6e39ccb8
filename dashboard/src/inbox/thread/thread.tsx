/** Shows one conversation: its head, the messages, the composer and the details. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { RequestError } from '../../api/request.ts';
import type { Conversation, GroupChange, GroupChanges, Message } from '../../api/types.ts';
import { publishConversations } from '../../live/live-messages.ts';
import { useTitle } from '../../live/notifications.ts';
import { useCanWrite } from '../../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keyboard.tsx';
import { conversationName } from '../../ui/conversation-name.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { randomKey } from '../../ui/random-key.ts';
import { RowSkeletons } from '../../ui/skeletons.tsx';
import { showProblem } from '../../ui/toasts.tsx';
import { Composer } from '../composer/composer.tsx';
import { ConversationDetails } from '../details/conversation-details.tsx';
import { useDetailsOpen } from '../details/details-open.ts';
import { MessageList } from './message-list.tsx';
import { usePendingMessages } from './pending-messages.ts';
import styles from './thread.module.css';
import { ThreadProvider } from './thread-context.tsx';
import { ThreadHead } from './thread-head.tsx';
import { rowsOf } from './thread-rows.ts';
import { TypingIndicator } from './typing-indicator.tsx';
import { useActions } from './use-actions.ts';
import { useSend } from './use-send.ts';
import { useThread } from './use-thread.ts';

interface Props {
  id: string;
  around: string | undefined;
  onBack(): void;
}

export function Thread({ id, around, onBack }: Props) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const conversation = useQuery({
    queryKey: [environment, 'conversation', id],
    queryFn: ({ signal }) => send<Conversation>('GET', `/conversations/${id}`, { signal }),
  });
  if (conversation.data !== undefined) {
    return <OpenThread conversation={conversation.data} around={around} onBack={onBack} />;
  }
  if (conversation.isPending) return <RowSkeletons rows={6} height={56} />;
  const isUnknown = conversation.error instanceof RequestError && conversation.error.status === 404;
  if (isUnknown)
    return (
      <EmptyState
        title="This conversation does not exist"
        action={
          <Button variant="default" onClick={onBack}>
            Show all conversations
          </Button>
        }
      >
        It may have been deleted.
      </EmptyState>
    );
  return <ErrorState error={conversation.error} retry={() => void conversation.refetch()} />;
}

function OpenThread({ conversation, around, onBack }: Omit<Props, 'id'> & { conversation: Conversation }) {
  const { id } = conversation;
  useTitle(conversationName(conversation));
  const environment = useEnvironment();
  const canWrite = useCanWrite();
  const [, navigate] = useLocation();
  const { query, messages, merge } = useThread(id, around);
  const scope = `${environment}.${id}`;
  const pending = usePendingMessages(scope);
  const onAccepted = useCallback((message: Message) => merge(message), [merge]);
  const target = useMemo(() => ({ conversationId: id }), [id]);
  const sending = useSend(scope, target, onAccepted);
  const queue = useMessageActions(merge);
  const actions = useActions(id, merge);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const canReply = canWrite && conversation.leftAt === null && conversation.capabilities.includes('replies');
  const reply = canReply
    ? (message: Message) => {
        setReplyTo(message);
        focusComposer();
      }
    : undefined;
  const changes = useGroupChanges(conversation);
  const [isDetailsOpen, setDetailsOpen] = useDetailsOpen();
  const markRead = useMarkRead(conversation, messages.at(-1)?.id);
  useThreadShortcuts(markRead, canWrite);
  const hasOlder = query.hasNextPage;
  const hasNewer = query.hasPreviousPage;
  const rows = useMemo(
    () => rowsOf(messages, pending, changes, { hasOlder, hasNewer }),
    [messages, pending, changes, hasOlder, hasNewer],
  );
  return (
    <ThreadProvider value={{ conversation, actions, reply, ...queue }}>
      <div className={styles.columns}>
        <div className={styles.thread}>
          <ThreadHead
            conversation={conversation}
            onBack={onBack}
            markUnread={canWrite ? () => markRead(false) : undefined}
            isDetailsOpen={isDetailsOpen}
            setDetailsOpen={setDetailsOpen}
          />
          {query.isPending ? (
            <div className={styles.loading}>
              <RowSkeletons rows={6} height={56} />
            </div>
          ) : query.isError && messages.length === 0 ? (
            <ErrorState error={query.error} retry={() => void query.refetch()} />
          ) : (
            <MessageList
              key={around ?? 'latest'}
              rows={rows}
              around={around}
              loadOlder={
                query.hasNextPage && !query.isFetchingNextPage
                  ? () => void query.fetchNextPage({ cancelRefetch: false })
                  : undefined
              }
              loadNewer={
                query.hasPreviousPage && !query.isFetchingPreviousPage
                  ? () => void query.fetchPreviousPage({ cancelRefetch: false })
                  : undefined
              }
              hasNewer={hasNewer}
              isLoadingOlder={query.isFetchingNextPage}
              onShowLatest={() => navigate(`/${id}`, { replace: true })}
              onShowMessage={(message) => navigate(`/${id}?message=${message}`)}
              onRetry={(one) => void sending.retry(one)}
              onDiscard={sending.discard}
            />
          )}
          <TypingIndicator conversation={conversation} latest={messages.at(-1)} />
          {canWrite && noteOf(conversation) !== undefined && (
            <p className={styles.note}>{noteOf(conversation)}</p>
          )}
          {canWrite && noteOf(conversation) === undefined && (
            <Composer
              scope={scope}
              target={target}
              conversation={conversation}
              replyTo={replyTo}
              onReplyEnd={() => setReplyTo(null)}
              onSend={(outgoing) => {
                if (around !== undefined) navigate(`/${id}`, { replace: true });
                void sending.send(outgoing);
              }}
            />
          )}
        </div>
        {isDetailsOpen && (
          <ConversationDetails conversation={conversation} onClose={() => setDetailsOpen(false)} />
        )}
      </div>
    </ThreadProvider>
  );
}

/** Why nothing can be sent to the conversation; undefined: it can. */
function noteOf({ isGroup, leftAt, capabilities }: Conversation): string | undefined {
  if (!isGroup) return undefined;
  if (leftAt !== null) return 'You left this group.';
  if (capabilities.includes('groups')) return undefined;
  return 'No device of this number can send to groups. Reply on the device.';
}

const NO_CHANGES: readonly GroupChange[] = [];

function useGroupChanges({ id, isGroup }: Conversation): readonly GroupChange[] {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const { data } = useQuery({
    queryKey: [environment, 'conversation', id, 'changes'],
    queryFn: ({ signal }) => send<GroupChanges>('GET', `/conversations/${id}/changes`, { signal }),
    enabled: isGroup,
  });
  return data?.changes ?? NO_CHANGES;
}

function useMessageActions(merge: (message: Message) => void) {
  const send = useTenantRequest();
  const run = useMutation({
    mutationFn: ({ id, action }: { id: string; action: 'cancel' | 'send-again' }) =>
      send<Message>('POST', `/messages/${id}/${action}`, {
        body: action === 'cancel' ? undefined : { idempotencyKey: randomKey() },
      }),
    onSuccess: merge,
    onError: showProblem,
  });
  return {
    cancel: ({ id }: Message) => run.mutate({ id, action: 'cancel' }),
    sendAgain: ({ id }: Message) => run.mutate({ id, action: 'send-again' }),
  };
}

/** Marks the conversation as read while it is visible. A conversation that the viewer marked as unread stays so. */
function useMarkRead({ id, unreadCount }: Conversation, latestId: string | undefined) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const client = useQueryClient();
  const canWrite = useCanWrite();
  const [isKeptUnread, setKeptUnread] = useState(false);
  const mark = useCallback(
    (isRead: boolean) => {
      setKeptUnread(!isRead);
      send('POST', `/conversations/${id}/read`, { body: { isRead } })
        .then(() => {
          publishConversations();
          return client.invalidateQueries({ queryKey: [environment, 'conversations'] });
        })
        .then(() => client.invalidateQueries({ queryKey: [environment, 'conversation', id] }))
        .catch(showProblem);
    },
    [send, client, environment, id],
  );
  // A new message is marked too.
  useEffect(() => {
    if (!canWrite || isKeptUnread || unreadCount === 0 || latestId === undefined) return;
    const markIfVisible = () => {
      if (document.visibilityState === 'visible') mark(true);
    };
    markIfVisible();
    document.addEventListener('visibilitychange', markIfVisible);
    return () => document.removeEventListener('visibilitychange', markIfVisible);
  }, [unreadCount, latestId, canWrite, isKeptUnread, mark]);
  return mark;
}

function focusComposer(): void {
  document.querySelector<HTMLTextAreaElement>('[data-composer]')?.focus();
}

function useThreadShortcuts(markRead: (isRead: boolean) => void, canWrite: boolean) {
  const shortcuts = useMemo<Shortcut[]>(
    () =>
      canWrite
        ? [
            {
              key: 'r',
              description: 'Reply',
              run: focusComposer,
            },
            { key: 'e', description: 'Mark as unread', run: () => markRead(false) },
          ]
        : [],
    [markRead, canWrite],
  );
  useShortcuts(shortcuts);
}
