/** Shows one webhook: its state, its settings, and its deliveries. */
import { Title } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { BackLink } from '../../ui/back-link.tsx';
import { DetailView } from '../../ui/detail-view.tsx';
import { Fact } from '../../ui/facts.tsx';
import { formatHandle } from '../../ui/format-handle.ts';
import { formatExact, Time } from '../../ui/time.tsx';
import styles from '../developers.module.css';
import { DeliveryList } from './delivery-list.tsx';
import { useWebhook } from './use-webhooks.ts';
import { WebhookActions } from './webhook-actions.tsx';
import { WebhookProblem, WebhookState } from './webhook-state.tsx';

const MISSING = { name: 'webhook', list: 'webhooks', href: '/webhooks' };

export function WebhookDetails({ id }: { id: string }) {
  const query = useWebhook(id);
  return (
    <DetailView query={query} missing={MISSING}>
      {(webhook) => <Details webhook={webhook} />}
    </DetailView>
  );
}

function Details({ webhook }: { webhook: Webhook }) {
  const { id, url, events, phoneNumber, createdAt, previousSecretUntil } = webhook;
  return (
    <>
      <BackLink mt="md" ml={-8} href="/webhooks">
        All webhooks
      </BackLink>
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
