/** Shows one webhook: its state, its settings, and its deliveries. */
import { Button, Title } from '@mantine/core';
import { Link } from 'wouter';
import { RequestError } from '../../api/request.ts';
import type { Webhook } from '../../api/types.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import { QueryView } from '../../ui/query-view.tsx';
import { formatExact, Time } from '../../ui/time.tsx';
import styles from '../developers.module.css';
import { BackLink, Fact } from '../parts.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { useWebhook } from './use-webhooks.ts';
import { WebhookActions } from './webhook-actions.tsx';
import { WebhookProblem, WebhookState } from './webhook-state.tsx';

export function WebhookDetails({ id }: { id: string }) {
  const query = useWebhook(id);
  if (query.error instanceof RequestError && query.error.status === 404)
    return (
      <EmptyState
        title="This webhook does not exist"
        action={
          <Button component={Link} href="/webhooks" variant="default">
            Show all webhooks
          </Button>
        }
      >
        It may have been deleted.
      </EmptyState>
    );
  return <QueryView query={query}>{(webhook) => <Details webhook={webhook} />}</QueryView>;
}

function Details({ webhook }: { webhook: Webhook }) {
  const { id, url, events, phoneNumber, createdAt, previousSecretUntil } = webhook;
  return (
    <>
      <BackLink href="/webhooks">All webhooks</BackLink>
      <div className={styles.head}>
        <div className={styles.headText}>
          <Title order={2}>{url}</Title>
          <WebhookState webhook={webhook} />
        </div>
        <WebhookActions webhook={webhook} />
      </div>
      <WebhookProblem webhook={webhook} />
      <dl className={styles.facts}>
        <Fact name="Events">{events.join(', ')}</Fact>
        <Fact name="Numbers">{phoneNumber === null ? 'All numbers' : formatHandle(phoneNumber)}</Fact>
        <Fact name="Created">
          <Time at={createdAt} form="exact" />
        </Fact>
        {previousSecretUntil !== null && (
          <Fact name="Secret">The old secret also signs until {formatExact(previousSecretUntil)}</Fact>
        )}
      </dl>
      <DeliveryList webhookId={id} />
    </>
  );
}
