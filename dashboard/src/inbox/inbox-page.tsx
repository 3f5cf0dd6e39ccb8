/**
 * Shows the conversations and one of them: side by side, or one after the other on a phone. The address holds the
 * conversation, the filter and the search, so that a link and the back button restore them.
 */
import IconMessages from 'icon:messages';
import { useCallback } from 'react';
import { useLocation, useRoute, useSearchParams } from 'wouter';
import { useTitle } from '../live/notifications.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ConversationList } from './conversation-list.tsx';
import styles from './inbox-page.module.css';
import { NewConversation } from './new-conversation.tsx';
import { Thread } from './thread/thread.tsx';

export default function InboxPage() {
  useTitle('Inbox');
  const [, navigate] = useLocation();
  const [, params] = useRoute('/:id');
  const [search] = useSearchParams();
  const id = params?.id;
  const open = useCallback(
    (path: string, options?: { replace?: boolean; state?: { isFromList: boolean } }) => {
      const kept = new URLSearchParams(search);
      kept.delete('message');
      const [pathname = '/', query = ''] = path.split('?');
      for (const [name, value] of new URLSearchParams(query)) kept.set(name, value);
      const text = kept.toString();
      navigate(text === '' ? pathname : `${pathname}?${text}`, options);
    },
    [navigate, search],
  );
  const openFromList = useCallback((path: string) => open(path, { state: { isFromList: true } }), [open]);
  // Like the browser's own button, so that both together do not lead in a circle.
  const goBack = () => {
    if ((history.state as { isFromList?: boolean } | null)?.isFromList) history.back();
    else open('/', { replace: true });
  };
  return (
    <div className={styles.inbox} data-open={id !== undefined || undefined}>
      <section className={styles.list} aria-label="Conversations">
        <ConversationList openId={id} open={openFromList} />
      </section>
      <section className={styles.thread} aria-label="Conversation">
        {id === undefined ? (
          <EmptyState icon={<IconMessages size={20} color="var(--gray)" />} title="No conversation open">
            Choose a conversation, or press <kbd>j</kbd> to open the first one.
          </EmptyState>
        ) : id === 'new' ? (
          <NewConversation
            onSent={(conversationId) => open(`/${conversationId}`, { replace: true })}
            onBack={goBack}
          />
        ) : (
          <Thread key={id} id={id} around={search.get('message') ?? undefined} onBack={goBack} />
        )}
      </section>
    </div>
  );
}
