/** Shows a message that the broker has not confirmed yet. */
import IconFailed from 'icon:alert-circle';
import IconWaiting from 'icon:clock';
import { Attachments } from './attachments.tsx';
import styles from './bubble.module.css';
import { MessageText } from './message-text.tsx';
import type { PendingMessage } from './pending-messages.ts';

export function PendingBubble({
  pending: { content, uploads, state, problem },
  onRetry,
  onDiscard,
}: {
  pending: PendingMessage;
  onRetry(): void;
  onDiscard(): void;
}) {
  const isFailed = state === 'failed';
  return (
    <div className={styles.message} data-direction="outbound" data-first>
      <div className={styles.line}>
        <div className={styles.stack}>
          {uploads.length > 0 && <Attachments media={uploads} />}
          {content !== '' && (
            <div
              className={styles.bubble}
              data-service="blue"
              data-last
              data-pending={!isFailed || undefined}
              data-failed={isFailed || undefined}
            >
              <MessageText text={content} />
            </div>
          )}
        </div>
      </div>
      {isFailed ? (
        <div className={styles.state} data-kind="failed" role="alert">
          <IconFailed size={16} />
          <span>
            Not sent: {problem}{' '}
            <button type="button" className={styles.action} onClick={onRetry}>
              Try again
            </button>{' '}
            <button type="button" className={styles.action} onClick={onDiscard}>
              Delete
            </button>
          </span>
        </div>
      ) : (
        <div className={styles.state}>
          <IconWaiting size={16} />
          <span>Sending</span>
        </div>
      )}
    </div>
  );
}
