/** Offers the actions on a message: react, reply, edit, unsend, copy, and more. */

import IconUnsend from 'icon:arrow-back-up';
import IconCopy from 'icon:copy';
import IconReply from 'icon:corner-up-left';
import IconMore from 'icon:dots';
import IconReact from 'icon:mood-plus';
import IconEdit from 'icon:pencil';
import IconAgain from 'icon:refresh';
import IconDetails from 'icon:timeline';
import IconCancel from 'icon:x';
import { ActionIcon, Menu, Popover } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Message } from '../../api/types.ts';
import { useCanWrite } from '../../session/session.tsx';
import { copyText } from '../../ui/copy.tsx';
import styles from './bubble.module.css';
import type { ShownMessage } from './pending-changes.ts';
import { ReactionPicker } from './reaction-picker.tsx';
import { useOpenConversation } from './thread-context.tsx';

export type OpenPart = 'menu' | 'reactions' | null;

interface Props {
  message: ShownMessage;
  open: OpenPart;
  setOpen(part: OpenPart): void;
  onEdit(): void;
}

export function MessageMenu({ message, open, setOpen, onEdit }: Props) {
  const [, navigate] = useLocation();
  const { actions, reply, sendAgain, cancel } = useOpenConversation();
  const can = useAllowed(message);
  const { content, retractedAt } = message;
  const isShown = retractedAt === null;
  return (
    <>
      <Menu
        position="bottom"
        withinPortal
        opened={open === 'menu'}
        onChange={(isOpen) => setOpen(isOpen ? 'menu' : null)}
      >
        <Menu.Target>
          <ActionIcon className={styles.menu} aria-label="Message menu" size={28}>
            <IconMore size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {can.react && (
            <Menu.Item
              leftSection={<IconReact size={16} />}
              onClick={() => setTimeout(() => setOpen('reactions'))}
            >
              React
            </Menu.Item>
          )}
          {can.reply && (
            <Menu.Item leftSection={<IconReply size={16} />} onClick={() => reply?.(message)}>
              Reply
            </Menu.Item>
          )}
          {can.edit && (
            <Menu.Item leftSection={<IconEdit size={16} />} onClick={onEdit}>
              Edit
            </Menu.Item>
          )}
          {isShown && content !== '' && (
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
          {can.sendAgain && (
            <Menu.Item leftSection={<IconAgain size={16} />} onClick={() => sendAgain(message)}>
              Send again
            </Menu.Item>
          )}
          {can.cancel && (
            <Menu.Item color="red" leftSection={<IconCancel size={16} />} onClick={() => cancel(message)}>
              Cancel message
            </Menu.Item>
          )}
          {can.unsend && (
            <Menu.Item
              color="red"
              leftSection={<IconUnsend size={16} />}
              onClick={() => actions.unsend(message)}
            >
              Unsend
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {can.react && (
        <Popover
          position="top"
          withinPortal
          trapFocus
          returnFocus
          opened={open === 'reactions'}
          onChange={(isOpen) => setOpen(isOpen ? 'reactions' : null)}
        >
          <Popover.Target>
            <ActionIcon
              className={styles.menu}
              aria-label="React"
              size={28}
              onClick={() => setOpen(open === 'reactions' ? null : 'reactions')}
            >
              <IconReact size={16} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown aria-label="React to the message">
            <Picker message={message} onDone={() => setOpen(null)} />
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}

function Picker({ message, onDone }: { message: ShownMessage; onDone(): void }) {
  const { actions, conversation } = useOpenConversation();
  const own = message.reactions.find(({ isOwn }) => isOwn);
  const set = message.pendingReaction ?? own;
  return (
    <ReactionPicker
      own={set?.reaction}
      canUseEmoji={conversation.capabilities.includes('emoji_reactions')}
      onPick={(reaction) => {
        onDone();
        if (set?.reaction === reaction) actions.unreact(message, set.id);
        else actions.react(message, reaction);
      }}
    />
  );
}

/** What the member, the device and Messages allow now. */
function useAllowed(message: ShownMessage) {
  const canWrite = useCanWrite();
  const { conversation, reply } = useOpenConversation();
  const isEditable = useIsBefore(message.editableUntil);
  const isUnsendable = useIsBefore(message.unsendableUntil);
  const { status, direction, retractedAt, change, content } = message;
  const has = (name: (typeof conversation.capabilities)[number]) => conversation.capabilities.includes(name);
  const isOutbound = direction === 'outbound';
  const isChangeable = canWrite && retractedAt === null && change === null && conversation.leftAt === null;
  const isQueued = status === 'queued' || status === 'polling';
  return {
    react: isChangeable && status !== 'failed' && has('reactions'),
    reply: isChangeable && status !== 'failed' && reply !== undefined,
    edit: isChangeable && isEditable && content !== '' && has('edit'),
    unsend: isChangeable && isUnsendable && has('unsend'),
    sendAgain: canWrite && isOutbound && status === 'failed',
    cancel: canWrite && isOutbound && isQueued,
  };
}

/** Becomes false at the time. */
function useIsBefore(until: number | null): boolean {
  const [endedAt, setEndedAt] = useState<number | null>(null);
  useEffect(() => {
    const left = until === null ? 0 : until - Date.now();
    if (left <= 0) return;
    const timer = setTimeout(() => setEndedAt(until), left);
    return () => clearTimeout(timer);
  }, [until]);
  return until !== null && endedAt !== until && Date.now() < until;
}

/** Address of the message in the Messages view, outside of the inbox's own addresses. */
function timelinePath({ id }: Message): string {
  return location.pathname.replace(/\/inbox\/.*$/, `/messages/${id}`);
}
