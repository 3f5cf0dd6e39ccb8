/** Shows one message: its text and attachments in a bubble, and below the last bubble of a run its state and time. */

import IconCopy from 'icon:copy';
import IconMore from 'icon:dots';
import IconAgain from 'icon:refresh';
import IconDetails from 'icon:timeline';
import IconCancel from 'icon:x';
import { ActionIcon, Menu } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Conversation, Message } from '../../api/types.ts';
import { useCanWrite } from '../../session/session.tsx';
import { participantName } from '../../ui/conversation-name.ts';
import { copyText } from '../../ui/copy.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import { formatExact } from '../../ui/time.tsx';
import { Attachments } from './attachments.tsx';
import styles from './bubble.module.css';
import { MessageState } from './message-state.tsx';
import { MessageText } from './message-text.tsx';
import { isOnlyEmoji } from './only-emoji.ts';

interface Props {
  message: Message;
  conversation: Conversation;
  isFirst: boolean;
  isLast: boolean;
  showsSender: boolean;
  onSendAgain(): void;
  onCancel(): void;
}

export function MessageBubble({
  message,
  conversation,
  isFirst,
  isLast,
  showsSender,
  onSendAgain,
  onCancel,
}: Props) {
  const { direction, content, media, retractedAt, editedAt } = message;
  const isRetracted = retractedAt !== null;
  const isLarge = !isRetracted && media.length === 0 && isOnlyEmoji(content);
  const [isMenuOpen, setMenuOpen] = useState(false);
  return (
    <div className={styles.message} data-direction={direction} data-first={isFirst || undefined}>
      {showsSender && <div className={styles.sender}>{senderName(message, conversation)}</div>}
      <div className={styles.line}>
        {/* The button next to the bubble does the same for the keyboard. */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
        <div
          className={styles.stack}
          onContextMenu={(event) => {
            if (getSelection()?.isCollapsed === false) return;
            event.preventDefault();
            setMenuOpen(true);
          }}
        >
          {media.length > 0 && !isRetracted && <Attachments media={media} />}
          {(content !== '' || isRetracted) && (
            <div
              className={styles.bubble}
              data-service={serviceColor(message)}
              data-large={isLarge || undefined}
              data-last={isLast || undefined}
              data-failed={message.status === 'failed' || undefined}
              title={formatExact(message.createdAt)}
            >
              {isRetracted ? <i>Unsent message</i> : <MessageText text={content} />}
            </div>
          )}
        </div>
        <MessageMenu
          message={message}
          isOpen={isMenuOpen}
          setOpen={setMenuOpen}
          onSendAgain={onSendAgain}
          onCancel={onCancel}
        />
      </div>
      {editedAt !== null && !isRetracted && <div className={styles.edited}>Edited</div>}
      {isLast && <MessageState message={message} onSendAgain={onSendAgain} />}
    </div>
  );
}

function senderName({ handle }: Message, { participants }: Conversation): string {
  const participant = participants.find((one) => one.handle === handle);
  return participant === undefined ? formatHandle(handle) : participantName(participant);
}

/** A message without a service yet is shown as iMessage, like in Messages. */
function serviceColor({ direction, service }: Message): 'in' | 'blue' | 'green' {
  if (direction === 'inbound') return 'in';
  return service === null || service === 'imessage' ? 'blue' : 'green';
}

function MessageMenu({
  message,
  isOpen,
  setOpen,
  onSendAgain,
  onCancel,
}: {
  message: Message;
  isOpen: boolean;
  setOpen(isOpen: boolean): void;
  onSendAgain(): void;
  onCancel(): void;
}) {
  const [, navigate] = useLocation();
  const canWrite = useCanWrite();
  const { content, status, direction, isGroup } = message;
  return (
    <Menu position="bottom" withinPortal opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <ActionIcon className={styles.menu} aria-label="Message menu" size={28}>
          <IconMore size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {content !== '' && (
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void copyText(content)}>
            Copy text
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconDetails size={16} />}
          onClick={() => navigate(`~${timelinePath(message)}`)}
        >
          Show timeline
        </Menu.Item>
        {canWrite && direction === 'outbound' && status === 'failed' && !isGroup && (
          <Menu.Item leftSection={<IconAgain size={16} />} onClick={onSendAgain}>
            Send again
          </Menu.Item>
        )}
        {canWrite && direction === 'outbound' && (status === 'queued' || status === 'polling') && (
          <Menu.Item color="red" leftSection={<IconCancel size={16} />} onClick={onCancel}>
            Cancel message
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Address of the message in the Messages view, outside of the inbox's own addresses. */
function timelinePath({ id }: Message): string {
  return location.pathname.replace(/\/inbox\/.*$/, `/messages/${id}`);
}
