/** Shows one contact: its fields, conversations, service, opt-out, block and data. */
import IconMessage from 'icon:message';
import { Anchor, Button, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ContactDetail } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { countOf } from '../ui/count-of.ts';
import { DetailView } from '../ui/detail-view.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page, Section } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';
import { viewPath } from '../ui/view-path.ts';
import { BlockState } from './block-state.tsx';
import { ContactData } from './contact-data.tsx';
import { ContactFacts } from './contact-facts.tsx';
import { ContactForm } from './contact-form.tsx';
import styles from './contacts.module.css';
import { LookupState } from './lookup-state.tsx';
import { OptOutState } from './opt-out-state.tsx';

const MISSING = { name: 'contact', list: 'contacts', href: '/' };

export function ContactDetails({ id }: { id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [isLeaving, setLeaving] = useState(false);
  const query = useQuery({
    queryKey: [environment, 'contacts', 'one', id],
    queryFn: ({ signal }) => send<ContactDetail>('GET', `/contacts/${id}`, { signal }),
    enabled: !isLeaving,
  });
  return (
    <DetailView query={query} missing={MISSING}>
      {(contact) => <Details contact={contact} onLeaving={setLeaving} />}
    </DetailView>
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
      toolbar={<BackLink href="/">All contacts</BackLink>}
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
          <Section title="iMessage">
            <LookupState key={handle} handle={handle} />
          </Section>
          <Section title="Opt-out">
            <OptOutState contact={contact} />
          </Section>
          <Section title="Block">
            <BlockState contact={contact} />
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
