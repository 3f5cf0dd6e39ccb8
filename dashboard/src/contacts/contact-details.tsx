/** Shows one contact: its fields, conversations, opt-out and data. */
import IconBack from 'icon:arrow-left';
import IconMessage from 'icon:message';
import { Anchor, Button, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { RequestError } from '../api/request.ts';
import type { ContactDetail } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { countOf } from '../ui/count-of.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page, Section } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Time } from '../ui/time.tsx';
import { viewPath } from '../ui/view-path.ts';
import { ContactData } from './contact-data.tsx';
import { ContactFacts } from './contact-facts.tsx';
import { ContactForm } from './contact-form.tsx';
import styles from './contacts.module.css';
import { OptOutState } from './opt-out-state.tsx';

export function ContactDetails({ id }: { id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [isLeaving, setLeaving] = useState(false);
  const query = useQuery({
    queryKey: [environment, 'contacts', 'one', id],
    queryFn: ({ signal }) => send<ContactDetail>('GET', `/contacts/${id}`, { signal }),
    enabled: !isLeaving,
  });
  if (query.error instanceof RequestError && query.error.status === 404)
    return (
      <EmptyState
        title="This contact does not exist"
        action={
          <Button component={Link} href="/" variant="default">
            Show all contacts
          </Button>
        }
      >
        It may have been deleted.
      </EmptyState>
    );
  return (
    <QueryView query={query}>{(contact) => <Details contact={contact} onLeaving={setLeaving} />}</QueryView>
  );
}

function Details({ contact, onLeaving }: { contact: ContactDetail; onLeaving(isLeaving: boolean): void }) {
  const { id, name, handle, isOptedOut } = contact;
  const canWrite = useCanWrite();
  return (
    <Page
      title={name ?? formatHandle(handle)}
      about={name === null ? undefined : formatHandle(handle)}
      actions={canWrite && <NewMessage handle={handle} isOptedOut={isOptedOut} />}
      toolbar={
        <Button
          component={Link}
          href="/"
          variant="subtle"
          size="compact-sm"
          leftSection={<IconBack size={16} />}
        >
          All contacts
        </Button>
      }
    >
      <div className={styles.columns}>
        <div className={styles.main}>
          <Section title="Contact">
            {canWrite ? <ContactForm key={id} contact={contact} /> : <ContactFacts contact={contact} />}
          </Section>
        </div>
        <div className={styles.side}>
          <Section title="Conversations">
            <Conversations contact={contact} />
          </Section>
          <Section title="Opt-out">
            <OptOutState contact={contact} />
          </Section>
          {canWrite && (
            <Section title="Data">
              <ContactData contact={contact} onLeaving={onLeaving} />
            </Section>
          )}
        </div>
      </div>
    </Page>
  );
}

function NewMessage({ handle, isOptedOut }: { handle: string; isOptedOut: boolean }) {
  const button = { leftSection: <IconMessage size={16} />, children: 'New message' };
  if (isOptedOut)
    return (
      <Tooltip label="The recipient opted out.">
        <Button data-disabled aria-disabled onClick={(event) => event.preventDefault()} {...button} />
      </Tooltip>
    );
  return (
    <Button component={Link} href={viewPath(`/inbox/new?to=${encodeURIComponent(handle)}`)} {...button} />
  );
}

function Conversations({ contact: { conversations, handle } }: { contact: ContactDetail }) {
  if (conversations.length === 0) return <p className={styles.meta}>No messages yet.</p>;
  return (
    <>
      <ul className={styles.rows} aria-label="Conversations">
        {conversations.map(({ id, ownNumber, totalCount, unreadCount, updatedAt }) => (
          <li key={id}>
            <Link href={viewPath(`/inbox/${id}`)} className={styles.conversation}>
              <span className={styles.compactText}>
                <span className={styles.compactName}>With {formatHandle(ownNumber)}</span>
                <span className={styles.meta}>
                  {countOf(totalCount, 'message')}
                  {unreadCount > 0 && `, ${unreadCount.toLocaleString()} unread`}
                </span>
              </span>
              <span className={styles.meta}>
                <Time at={updatedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Anchor component={Link} size="sm" href={viewPath(`/messages?recipient=${encodeURIComponent(handle)}`)}>
        Show all messages
      </Anchor>
    </>
  );
}
