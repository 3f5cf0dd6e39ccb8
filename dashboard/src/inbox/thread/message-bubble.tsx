/** Shows one message: the quote, the text and the attachments in a bubble, reactions over it, its state below it. */
import IconVoice from 'icon:microphone';
import IconEffect from 'icon:sparkles';
import { lazy, type TouchEvent, useRef, useState } from 'react';
import type { Message } from '../../api/types.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import { Overlay } from '../../ui/overlay.tsx';
import { formatExact } from '../../ui/time.tsx';
import { Attachments } from './attachments.tsx';
import styles from './bubble.module.css';
import { EditHistory } from './edit-history.tsx';
import { effectName } from './effects.ts';
import { MessageMenu, type OpenPart } from './message-menu.tsx';
import { MessageState } from './message-state.tsx';
import { MessageText } from './message-text.tsx';
import { isOnlyEmoji } from './only-emoji.ts';
import type { ShownMessage } from './pending-changes.ts';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { senderColor } from './sender-color.ts';
import { useOpenConversation } from './thread-context.tsx';

const EditForm = lazy(() => import('./edit-form.tsx'));

interface Props {
  message: ShownMessage;
  isFirst: boolean;
  isLast: boolean;
  showsSender: boolean;
  jumpTo(messageId: string): void;
}

export function MessageBubble({ message, isFirst, isLast, showsSender, jumpTo }: Props) {
  const { conversation, actions, sendAgain } = useOpenConversation();
  const { direction, content, media, retractedAt, editedAt, effect, subject, replyTo, handle } = message;
  const [openPart, setOpenPart] = useState<OpenPart>(null);
  const [isEditing, setEditing] = useState(false);
  const press = useLongPress(() => setOpenPart('menu'));
  const isUnsent = retractedAt !== null;
  if (isUnsent) return <UnsentLine message={message} />;
  const isLarge = media.length === 0 && subject === null && isOnlyEmoji(content);
  const hasReactions = message.reactions.length > 0 || message.pendingReaction !== null;
  const hasText = content !== '' || subject !== null;
  return (
    <div className={styles.message} data-direction={direction} data-first={isFirst || undefined}>
      {showsSender && (
        <div className={styles.sender} data-color={senderColor(handle, conversation.participants)}>
          {senderName(message)}
        </div>
      )}
      {replyTo !== null && <Quote replyTo={replyTo} jumpTo={jumpTo} />}
      <div className={styles.line}>
        {/* The button next to the bubble does the same for the keyboard. */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
        <div
          className={styles.stack}
          data-reacted={hasReactions || undefined}
          onContextMenu={(event) => {
            if (getSelection()?.isCollapsed === false || isEditing) return;
            event.preventDefault();
            setOpenPart('menu');
          }}
          {...press}
        >
          {hasReactions && <Reactions message={message} />}
          {media.length > 0 && <Attachments media={media} />}
          {isEditing ? (
            <Overlay onFailed={() => setEditing(false)}>
              <EditForm
                text={content}
                onSave={(text) => actions.edit(message, text)}
                onClose={() => setEditing(false)}
              />
            </Overlay>
          ) : (
            hasText && (
              <div
                className={styles.bubble}
                data-service={serviceColor(message)}
                data-large={isLarge || undefined}
                data-last={isLast || undefined}
                data-failed={message.status === 'failed' || undefined}
                data-pending={message.change !== null || undefined}
                title={formatExact(message.createdAt)}
              >
                {subject !== null && (
                  <strong className={styles.subject} dir="auto">
                    {subject}
                  </strong>
                )}
                {content !== '' && <MessageText text={content} />}
              </div>
            )
          )}
        </div>
        <MessageMenu
          message={message}
          open={openPart}
          setOpen={setOpenPart}
          onEdit={() => setTimeout(() => setEditing(true))}
        />
      </div>
      {message.isVoiceNote && (
        <div className={styles.note}>
          <IconVoice size={16} /> Voice note
        </div>
      )}
      {effect !== null && (
        <div className={styles.note}>
          <IconEffect size={16} /> Sent with {effectName(effect)}
        </div>
      )}
      {editedAt !== null && <EditHistory message={message} />}
      {message.change !== null && <div className={styles.note}>{message.change}</div>}
      {isLast && <MessageState message={message} onSendAgain={() => sendAgain(message)} />}
    </div>
  );
}

function UnsentLine({ message }: { message: Message }) {
  const who = message.direction === 'outbound' ? 'You' : senderName(message);
  return (
    <div className={styles.unsent} title={formatExact(message.retractedAt ?? message.createdAt)}>
      {who} unsent a message
    </div>
  );
}

function senderName({ senderName: name, handle }: Message): string {
  return name ?? formatHandle(handle);
}

/** A message without a service yet is shown as iMessage, like in Messages. */
function serviceColor({ direction, service }: Message): 'in' | 'blue' | 'green' {
  if (direction === 'inbound') return 'in';
  return service === null || service === 'imessage' ? 'blue' : 'green';
}

const LONG_PRESS_MS = 450;

/** Safari on iPhones has no event for a long press. */
function useLongPress(onPress: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isPressed = useRef(false);
  const cancel = () => clearTimeout(timer.current);
  return {
    onTouchStart: ({ touches }: TouchEvent) => {
      cancel();
      isPressed.current = false;
      if (touches.length !== 1) return;
      timer.current = setTimeout(() => {
        isPressed.current = true;
        onPress();
      }, LONG_PRESS_MS);
    },
    onTouchMove: cancel,
    onTouchEnd: (event: TouchEvent) => {
      cancel();
      // The end of a long press on a link or an image must not open it.
      if (isPressed.current) event.preventDefault();
    },
    onTouchCancel: cancel,
  };
}
