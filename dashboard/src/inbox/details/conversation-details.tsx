/** Describes the recipient or the group of a conversation: a column, or the whole width on a phone. */

import IconClose from 'icon:x';
import { ActionIcon, Anchor, Badge, Button, Title } from '@mantine/core';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Conversation } from '../../api/types.ts';
import { type Shortcut, useShortcuts } from '../../shell/keyboard.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { conversationName } from '../../ui/conversation-name.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Fact } from '../../ui/facts.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import { Time } from '../../ui/time.tsx';
import { viewPath } from '../../ui/view-path.ts';
import styles from './conversation-details.module.css';
import { GroupSection } from './group-section.tsx';

export function ConversationDetails({
  conversation,
  onClose,
}: {
  conversation: Conversation;
  onClose(): void;
}) {
  const { contactId, contactName, recipient, isGroup, ownNumber, numberLabel } = conversation;
  const shortcuts = useMemo<Shortcut[]>(
    () => [{ key: 'Escape', description: 'Close the details', run: onClose }],
    [onClose],
  );
  useShortcuts(shortcuts);
  return (
    <aside className={styles.details} aria-label="Details">
      <div className={styles.head}>
        <Title order={2}>Details</Title>
        <ActionIcon aria-label="Close the details" onClick={onClose}>
          <IconClose size={16} />
        </ActionIcon>
      </div>
      <div className={styles.who}>
        <Avatar name={contactName} isGroup={isGroup} size={64} />
        <div className={styles.name}>{conversationName(conversation)}</div>
        {conversation.isBlocked && (
          <Badge color="red" variant="light">
            Blocked
          </Badge>
        )}
        {conversation.isOptedOut && (
          <Badge color="red" variant="light">
            {isGroup ? 'A participant has opted out' : 'Opted out'}
          </Badge>
        )}
      </div>
      <dl className={styles.facts}>
        {!isGroup && (
          <Fact name="Number">
            {formatHandle(recipient)}
            <CopyButton text={recipient} label="Copy the number" />
          </Fact>
        )}
        <Fact name="Your number">
          {numberLabel === null ? formatHandle(ownNumber) : `${numberLabel}, ${formatHandle(ownNumber)}`}
        </Fact>
        <Fact name="Messages">{conversation.totalCount.toLocaleString()}</Fact>
        <Fact name="Last activity">
          <Time at={conversation.updatedAt} form="exact" />
        </Fact>
      </dl>
      {isGroup && <GroupSection conversation={conversation} />}
      {!isGroup && (
        <div className={styles.links}>
          <Button
            component={Link}
            variant="default"
            href={
              contactId === null
                ? viewPath(`/contacts?new=${encodeURIComponent(recipient)}`)
                : viewPath(`/contacts/${contactId}`)
            }
          >
            {contactId === null ? 'Add to contacts' : 'Open contact'}
          </Button>
          <Anchor
            component={Link}
            size="sm"
            href={viewPath(`/messages?recipient=${encodeURIComponent(recipient)}`)}
          >
            Show all messages
          </Anchor>
        </div>
      )}
    </aside>
  );
}
