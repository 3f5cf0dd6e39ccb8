/** Shows the message to which the next one replies. */
import IconReply from 'icon:corner-up-left';
import IconClose from 'icon:x';
import { ActionIcon } from '@mantine/core';
import type { Message } from '../../api/types.ts';
import { authorOf, previewOfMessage, quoteText } from '../thread/quote.tsx';
import styles from './composer.module.css';

export function ReplyBar({
  message,
  contactName,
  onClose,
}: {
  message: Message;
  /** Name of the recipient; null for a group. */
  contactName: string | null;
  onClose(): void;
}) {
  const shown = previewOfMessage(message);
  const preview = { ...shown, contactName: shown.contactName ?? contactName };
  const author = preview.direction === 'outbound' ? 'yourself' : authorOf(preview);
  return (
    <div className={styles.reply}>
      <IconReply size={16} />
      <span className={styles.replyText} dir="auto">
        <strong>Reply to {author}</strong> {quoteText(preview)}
      </span>
      <ActionIcon aria-label="Do not reply to this message" size={28} onClick={onClose}>
        <IconClose size={16} />
      </ActionIcon>
    </div>
  );
}
