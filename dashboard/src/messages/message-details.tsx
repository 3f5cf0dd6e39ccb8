/** Shows one message: its timeline, and each delivery of its events to webhooks. */

import { Anchor, Button, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Message, MessageDetail } from '../api/types.ts';
import { Attachments } from '../inbox/thread/attachments.tsx';
import { MessageText } from '../inbox/thread/message-text.tsx';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { partyName } from '../ui/conversation-name.ts';
import { CopyButton } from '../ui/copy.tsx';
import { DetailView } from '../ui/detail-view.tsx';
import { Fact } from '../ui/facts.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page, Section } from '../ui/page.tsx';
import { randomKey } from '../ui/random-key.ts';
import { Time } from '../ui/time.tsx';
import { showDone, showProblem } from '../ui/toasts.tsx';
import { viewPath } from '../ui/view-path.ts';
import { Deliveries } from './deliveries.tsx';
import { useFilters } from './message-filters.tsx';
import { MessageStatus } from './message-status.tsx';
import styles from './messages.module.css';
import { SERVICE_NAMES } from './service-names.ts';
import { Timeline } from './timeline.tsx';

const MISSING = {
  name: 'message',
  list: 'messages',
  href: '/',
  reason: 'It may have been deleted after the retention period.',
};

export function MessageDetails({ id }: { id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useQuery({
    queryKey: [environment, 'message', id],
    queryFn: ({ signal }) => send<MessageDetail>('GET', `/messages/${id}`, { signal }),
  });
  return (
    <DetailView query={query} missing={MISSING}>
      {(detail) => <Details {...detail} />}
    </DetailView>
  );
}

function Details({ message, timeline, deliveries }: MessageDetail) {
  const { id, direction, handle, ownNumber, group, content, media, service, conversationId } = message;
  const { pathOf } = useFilters();
  return (
    <Page
      title={`${direction === 'inbound' ? 'From' : 'To'} ${group !== null && direction === 'outbound' ? partyName(message) : formatHandle(handle)}`}
      actions={<Actions message={message} />}
      toolbar={<BackLink href={pathOf('')}>All messages</BackLink>}
    >
      <div className={styles.columns}>
        <div className={styles.main}>
          <Section title="Timeline">
            <Timeline entries={timeline} message={message} />
          </Section>
          <Section
            title="Webhooks"
            about={deliveries.length === 0 ? 'No webhook received an event of this message.' : undefined}
          >
            <Deliveries deliveries={deliveries} />
          </Section>
        </div>
        <aside className={styles.side}>
          <Section title="Message">
            <div className={styles.content}>
              {media.length > 0 && <Attachments media={media} />}
              {content !== '' && <MessageText text={content} />}
            </div>
            <dl className={styles.facts}>
              <Fact name="Status">
                <MessageStatus message={message} />
              </Fact>
              {message.error !== null && <Fact name="Reason">{message.error.message}</Fact>}
              <Fact name="Service">
                {service === null ? 'Not known yet' : (SERVICE_NAMES[service] ?? service)}
              </Fact>
              <Fact name="Number">{formatHandle(ownNumber)}</Fact>
              <Fact name="Accepted">
                <Time at={message.createdAt} form="exact" />
              </Fact>
              {message.sendAt !== null && (
                <Fact name="Scheduled for">
                  <Time at={message.sendAt} form="exact" />
                </Fact>
              )}
              {message.costCents > 0 && <Fact name="Cost">{(message.costCents / 100).toFixed(2)} USD</Fact>}
              <Fact name="Id">
                <span className={styles.id}>
                  <code>{id}</code>
                  <CopyButton text={id} label="Copy the id" />
                </span>
              </Fact>
            </dl>
            <Anchor component={Link} size="sm" href={viewPath(`/inbox/${conversationId}?message=${id}`)}>
              Show in the conversation
            </Anchor>
          </Section>
        </aside>
      </div>
    </Page>
  );
}

function Actions({ message }: { message: Message }) {
  const { id, status, direction, error } = message;
  const send = useTenantRequest();
  const environment = useEnvironment();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const canWrite = useCanWrite();
  const { pathOf } = useFilters();
  const cancel = useMutation({
    mutationFn: () => send<Message>('POST', `/messages/${id}/cancel`),
    onSuccess: () => void client.invalidateQueries({ queryKey: [environment, 'message', id] }),
    onError: showProblem,
  });
  const again = useMutation({
    mutationFn: () =>
      send<Message>('POST', `/messages/${id}/send-again`, { body: { idempotencyKey: randomKey() } }),
    onSuccess: (created) => {
      showDone('The message is queued again, as a new message.');
      navigate(pathOf(created.id));
    },
    onError: showProblem,
  });
  if (!canWrite || direction === 'inbound') return null;
  const isUnsent = status === 'queued' || status === 'polling';
  return (
    <>
      {isUnsent && message.cancelRequestedAt === null && (
        <Button variant="default" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel message
        </Button>
      )}
      {!isUnsent && (
        <Tooltip label="Sends the same text and attachments again, as a new message">
          <Button
            variant={error?.isRetryable ? 'filled' : 'default'}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            Send again
          </Button>
        </Tooltip>
      )}
    </>
  );
}
