/** Shows one conversation of the list: name, time, preview, unread messages, and a waiting or failed state. */

import IconFailed from 'icon:alert-circle';
import IconWaiting from 'icon:clock';
import { useRouter } from 'wouter';
import type { Conversation, Message } from '../api/types.ts';
import { useEnvironment } from '../shell/environment.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { conversationName } from '../ui/conversation-name.ts';
import { Time } from '../ui/time.tsx';
import { readDraft } from './composer/drafts.ts';
import styles from './conversation-row.module.css';
import { previewOf } from './preview.ts';

export const ROW_HEIGHT = 64;

interface Props {
  conversation: Conversation;
  isOpen: boolean;
  /** Shows the message that was found instead of the latest one. */
  isSearch: boolean;
  open(path: string): void;
}

export function ConversationRow({ conversation, isOpen, isSearch, open }: Props) {
  const { base } = useRouter();
  const { id, latest, match, unreadCount, isGroup, numberLabel } = conversation;
  const message = (isSearch ? match : undefined) ?? latest;
  const path = isSearch && match != null ? `/${id}?message=${match.id}` : `/${id}`;
  const isUnread = unreadCount > 0;
  const environment = useEnvironment();
  const draft = isOpen || isSearch ? '' : readDraft(`${environment}.${id}`).trim();
  return (
    <a
      className={styles.row}
      href={base + path}
      aria-current={isOpen || undefined}
      data-unread={isUnread || undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        open(path);
      }}
    >
      <Avatar name={conversation.contactName} isGroup={isGroup} />
      <span className={styles.text}>
        <span className={styles.top}>
          <span className={styles.name}>{conversationName(conversation)}</span>
          {message !== null && (
            <span className={styles.time}>
              <Time at={message.createdAt} />
            </span>
          )}
        </span>
        <span className={styles.bottom}>
          {draft === '' && <StateIcon message={message} />}
          <span className={styles.preview} dir="auto">
            {draft !== '' ? (
              <>
                <span className={styles.draft}>Draft: </span>
                {draft}
              </>
            ) : message === null ? (
              'No messages'
            ) : (
              previewOf(message)
            )}
          </span>
          {isUnread && (
            <span className={styles.count}>
              {unreadCount > 99 ? '99+' : unreadCount}
              <span className="visually-hidden"> unread</span>
            </span>
          )}
          {!isUnread && numberLabel !== null && <span className={styles.number}>{numberLabel}</span>}
        </span>
      </span>
    </a>
  );
}

function StateIcon({ message }: { message: Message | null }) {
  if (message?.direction !== 'outbound') return null;
  if (message.status === 'failed')
    return (
      <IconFailed size={16} className={styles.failed} role="img" aria-hidden={false} aria-label="Failed" />
    );
  if (message.status === 'queued')
    return (
      <IconWaiting size={16} className={styles.waiting} role="img" aria-hidden={false} aria-label="Waiting" />
    );
  return null;
}
