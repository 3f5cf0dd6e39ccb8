/** Names the conversation, and offers its actions. */

import IconBack from 'icon:arrow-left';
import IconBlock from 'icon:ban';
import IconCopy from 'icon:copy';
import IconMore from 'icon:dots';
import IconDetails from 'icon:layout-sidebar-right';
import IconUnread from 'icon:mail';
import IconPrint from 'icon:printer';
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import type { Conversation } from '../../api/types.ts';
import { useSenderRule } from '../../contacts/use-sender-rule.ts';
import { useCanWrite } from '../../session/session.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { conversationName } from '../../ui/conversation-name.ts';
import { copyText } from '../../ui/copy.tsx';
import { countOf } from '../../ui/count-of.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import { showDone } from '../../ui/toasts.tsx';
import styles from './thread.module.css';

interface Props {
  conversation: Conversation;
  onBack(): void;
  markUnread: (() => void) | undefined;
  isDetailsOpen: boolean;
  setDetailsOpen(isOpen: boolean): void;
}

export function ThreadHead({ conversation, onBack, markUnread, isDetailsOpen, setDetailsOpen }: Props) {
  const { recipient, isGroup, ownNumber, numberLabel, contactName, participants } = conversation;
  const name = conversationName(conversation);
  const canWrite = useCanWrite();
  const { block, remove } = useSenderRule();
  const via = `via ${numberLabel ?? formatHandle(ownNumber)}`;
  const about = isGroup
    ? `${countOf(participants.length, 'participant')} · ${via}`
    : contactName === null
      ? via
      : `${formatHandle(recipient)} · ${via}`;
  return (
    <header className={styles.head}>
      <ActionIcon className={styles.back} aria-label="Back to the conversations" size={40} onClick={onBack}>
        <IconBack size={20} />
      </ActionIcon>
      <Avatar name={contactName} isGroup={isGroup} />
      <div className={styles.title}>
        <h1 className={styles.name}>{name}</h1>
        <div className={styles.about}>{about}</div>
      </div>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label="Conversation menu" size={36}>
            <IconMore size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!isGroup && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                void copyText(recipient).then(() => showDone(`${formatHandle(recipient)} copied.`))
              }
            >
              Copy number
            </Menu.Item>
          )}
          {canWrite && !isGroup && (
            <Menu.Item
              leftSection={<IconBlock size={16} />}
              onClick={() => (conversation.isBlocked ? remove : block).mutate(recipient)}
            >
              {conversation.isBlocked ? 'Unblock sender' : 'Block sender'}
            </Menu.Item>
          )}
          {markUnread !== undefined && (
            <Menu.Item leftSection={<IconUnread size={16} />} onClick={markUnread}>
              Mark as unread
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconPrint size={16} />}
            onClick={() => setTimeout(() => window.print(), 200)}
          >
            Print
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={isDetailsOpen ? 'Hide details' : 'Show details'}>
        <ActionIcon
          aria-label={isDetailsOpen ? 'Hide details' : 'Show details'}
          aria-pressed={isDetailsOpen}
          size={36}
          onClick={() => setDetailsOpen(!isDetailsOpen)}
        >
          <IconDetails size={20} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
