/** Shows whether a contact is blocked, and changes it. */
import { Switch } from '@mantine/core';
import type { ContactDetail } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import styles from './contacts.module.css';
import { useSenderRule } from './use-sender-rule.ts';

export function BlockState({ contact: { handle, isBlocked } }: { contact: ContactDetail }) {
  const canWrite = useCanWrite();
  const { block, remove } = useSenderRule();
  if (!canWrite) {
    return (
      <p className={styles.meta}>
        {isBlocked ? 'Messages of the contact are not in the inbox.' : 'The contact is not blocked.'}
      </p>
    );
  }
  return (
    <Switch
      label="Blocked"
      description="Messages of this contact are stored, but are not in the inbox and cause no event."
      checked={isBlocked}
      disabled={block.isPending || remove.isPending}
      onChange={() => (isBlocked ? remove : block).mutate(handle)}
    />
  );
}
