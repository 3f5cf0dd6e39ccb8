/** Shows an address, with the name of its contact as a link. */
import { Link } from 'wouter';
import { formatHandle } from '../ui/format-handle.ts';
import styles from './contacts.module.css';

interface LinkedHandleProps {
  handle: string;
  /** Null: not a contact. */
  contactId: string | null;
  contactName: string | null;
}

export function LinkedHandle({ handle, contactId, contactName }: LinkedHandleProps) {
  if (contactId === null) return formatHandle(handle);
  return (
    <span>
      <Link href={`/${contactId}`} className={styles.name}>
        {contactName ?? formatHandle(handle)}
      </Link>{' '}
      {contactName !== null && <span className={styles.handle}>{formatHandle(handle)}</span>}
    </span>
  );
}
