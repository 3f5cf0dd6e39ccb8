/** Shows the name and the participants of a group, and changes them. */

import IconLeave from 'icon:door-exit';
import IconEdit from 'icon:pencil';
import IconAdd from 'icon:user-plus';
import IconRemove from 'icon:x';
import { ActionIcon, Button, Title } from '@mantine/core';
import { lazy, useState } from 'react';
import type { Action, Conversation, Participant } from '../../api/types.ts';
import { useCanWrite } from '../../session/session.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { participantName } from '../../ui/conversation-name.ts';
import { formatHandle } from '../../ui/format-handle.ts';
import { Overlay } from '../../ui/overlay.tsx';
import { useOpenConversation } from '../thread/thread-context.tsx';
import styles from './conversation-details.module.css';

const GroupDialogs = lazy(() => import('./group-dialogs.tsx'));

export type GroupDialog =
  | { kind: 'rename' }
  | { kind: 'add' }
  | { kind: 'leave' }
  | { kind: 'remove'; participant: Participant };

export function GroupSection({ conversation }: { conversation: Conversation }) {
  const { participants, capabilities, leftAt } = conversation;
  const { actions } = useOpenConversation();
  const canWrite = useCanWrite();
  const [dialog, setDialog] = useState<GroupDialog | null>(null);
  const canChange = canWrite && leftAt === null && capabilities.includes('group_management');
  const waiting = actions.pending.filter(({ messageId }) => messageId === null);
  return (
    <>
      <div className={styles.head}>
        <Title order={3}>Participants</Title>
        {canChange && (
          <ActionIcon aria-label="Add a participant" onClick={() => setDialog({ kind: 'add' })}>
            <IconAdd size={16} />
          </ActionIcon>
        )}
      </div>
      <ul className={styles.participants}>
        {participants.map((one) => (
          <li key={one.handle}>
            <Avatar name={one.contactName} isGroup={false} size={32} />
            <span className={styles.participant}>
              {participantName(one)}
              {one.contactName !== null && <span className={styles.handle}>{formatHandle(one.handle)}</span>}
              {one.isOptedOut && <span className={styles.optedOut}>Opted out</span>}
            </span>
            {canChange && (
              <ActionIcon
                aria-label={`Remove ${participantName(one)}`}
                onClick={() => setDialog({ kind: 'remove', participant: one })}
              >
                <IconRemove size={16} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {waiting.length > 0 && (
        <ul className={styles.waiting} aria-label="Changes that wait for the device">
          {waiting.map((action) => (
            <li key={action.id}>Waiting for the device: {waitingText(action)}</li>
          ))}
        </ul>
      )}
      {canChange && (
        <div className={styles.actions}>
          <Button
            variant="default"
            leftSection={<IconEdit size={16} />}
            onClick={() => setDialog({ kind: 'rename' })}
          >
            Rename group
          </Button>
          <Button
            variant="default"
            color="red"
            leftSection={<IconLeave size={16} />}
            onClick={() => setDialog({ kind: 'leave' })}
          >
            Leave group
          </Button>
        </div>
      )}
      {dialog !== null && (
        <Overlay onFailed={() => setDialog(null)}>
          <GroupDialogs dialog={dialog} conversation={conversation} onClose={() => setDialog(null)} />
        </Overlay>
      )}
    </>
  );
}

function waitingText({ kind, value }: Action): string {
  switch (kind) {
    case 'rename_group':
      return value === '' ? 'remove the name' : `the name “${value}”`;
    case 'add_participant':
      return `add ${formatHandle(value)}`;
    case 'remove_participant':
      return `remove ${formatHandle(value)}`;
    default:
      return 'leave the group';
  }
}
