/** Shows contacts in a table, or as a list on a phone. */
import { Link, useLocation } from 'wouter';
import type { Contact } from '../api/types.ts';
import { Avatar } from '../ui/avatar.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Status } from '../ui/status.tsx';
import styles from './contacts.module.css';

const COLUMNS: ReadonlyArray<Column<Contact>> = [
  {
    name: 'Name',
    width: '30%',
    cell: ({ id, name, handle }) => (
      <Link href={`/${id}`} className={styles.name}>
        {name ?? formatHandle(handle)}
      </Link>
    ),
  },
  {
    name: 'Number or address',
    cell: ({ handle }) => (
      <span className={handle.startsWith('+') ? styles.phone : styles.address}>{formatHandle(handle)}</span>
    ),
  },
  {
    name: 'E-mail address',
    width: '30%',
    cell: ({ email }) => <span className={styles.address}>{email}</span>,
  },
  { name: 'State', width: '100px', cell: ({ isOptedOut }) => isOptedOut && <OptedOut /> },
];

export function ContactTable({ contacts }: { contacts: readonly Contact[] }) {
  const [, navigate] = useLocation();
  return (
    <DataTable
      label="Contacts"
      columns={COLUMNS}
      rows={contacts}
      keyOf={({ id }) => id}
      onOpen={({ id }) => navigate(`/${id}`)}
      compact={(contact) => <CompactContact contact={contact} />}
    />
  );
}

function CompactContact({ contact: { id, name, handle, isOptedOut } }: { contact: Contact }) {
  return (
    <Link href={`/${id}`} className={styles.compact}>
      <Avatar name={name} isGroup={false} />
      <span className={styles.compactText}>
        <span className={styles.compactName}>{name ?? formatHandle(handle)}</span>
        {name !== null && <span className={styles.meta}>{formatHandle(handle)}</span>}
      </span>
      {isOptedOut && <OptedOut />}
    </Link>
  );
}

function OptedOut() {
  return <Status kind="bad">Opted out</Status>;
}
