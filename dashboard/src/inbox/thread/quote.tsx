/** Shows the message to which another one replies, above its bubble. A click jumps to it. */
import IconReply from 'icon:corner-up-left';
import type { Message, ReplyTarget } from '../../api/types.ts';
import { countOf } from '../../ui/count-of.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import styles from './quote.module.css';

export function Quote({ replyTo, jumpTo }: { replyTo: ReplyTarget; jumpTo(messageId: string): void }) {
  const { messageId, preview } = replyTo;
  const content = (
    <>
      <span className={styles.author}>
        <IconReply size={16} />
        {preview === null ? 'Reply' : authorOf(preview)}
      </span>
      <span className={styles.text} dir="auto">
        {preview === null ? 'The message is not stored.' : textOf(preview)}
      </span>
    </>
  );
  if (messageId === null || preview === null) return <div className={styles.quote}>{content}</div>;
  return (
    <button type="button" className={styles.quote} title="Show the message" onClick={() => jumpTo(messageId)}>
      {content}
    </button>
  );
}

type Preview = NonNullable<ReplyTarget['preview']>;

export const authorOf = ({ direction, contactName, handle }: Omit<Preview, 'text'>) =>
  direction === 'outbound' ? 'You' : (contactName ?? formatHandle(handle));

function textOf({ text, isUnsent, mediaCount }: Preview): string {
  if (isUnsent) return 'Unsent message';
  if (text.trim() !== '') return text;
  return mediaCount === 0 ? 'Empty message' : countOf(mediaCount, 'attachment');
}

export function previewOfMessage({
  content,
  direction,
  handle,
  senderName,
  retractedAt,
  media,
}: Message): Preview {
  return {
    ...{ text: content, direction, handle, contactName: senderName },
    ...{ isUnsent: retractedAt !== null, mediaCount: media.length },
  };
}

export const quoteText = textOf;
