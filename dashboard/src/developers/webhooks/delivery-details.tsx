/** Shows one delivery: each attempt with its response, and the request; and delivers its event again. */
import { Anchor, Button, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { RequestError } from '../../api/request.ts';
import type { Delivery, DeliveryDetail } from '../../api/types.ts';
import { Attempts, DeliveryStatus } from '../../messages/deliveries.tsx';
import { useIsOwner } from '../../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { BackLink } from '../../ui/back-link.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Fact } from '../../ui/facts.tsx';
import { Section } from '../../ui/page.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Time } from '../../ui/time.tsx';
import { showDone, showProblem } from '../../ui/toasts.tsx';
import { viewPath } from '../../ui/view-path.ts';
import styles from '../developers.module.css';
import { useRefreshWebhooks } from './use-webhooks.ts';

const PENDING_REFETCH_MS = 1_000;

export function DeliveryDetails({ webhookId, id }: { webhookId: string; id: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const query = useQuery({
    queryKey: [environment, 'webhooks', webhookId, 'delivery', id],
    queryFn: ({ signal }) =>
      send<DeliveryDetail>('GET', `/webhooks/${webhookId}/deliveries/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.delivery.status === 'pending' ? PENDING_REFETCH_MS : false,
  });
  return (
    <>
      <BackLink mt="md" ml={-8} href={`/webhooks/${webhookId}`}>
        All deliveries
      </BackLink>
      {query.error instanceof RequestError && query.error.status === 404 ? (
        <EmptyState title="This delivery does not exist">
          It may have been deleted after the retention period.
        </EmptyState>
      ) : (
        <QueryView query={query}>{(detail) => <Details webhookId={webhookId} {...detail} />}</QueryView>
      )}
    </>
  );
}

function Details({ webhookId, delivery, history, request }: DeliveryDetail & { webhookId: string }) {
  const { id, type, status, isReplay, messageId, eventId, createdAt, nextAttemptAt } = delivery;
  const [, navigate] = useLocation();
  const isOwner = useIsOwner();
  const send = useTenantRequest();
  const refresh = useRefreshWebhooks();
  const replay = useMutation({
    mutationFn: () => send<Delivery>('POST', `/webhooks/${webhookId}/deliveries/${id}/replay`),
    onSuccess: (created) => {
      showDone('The event is queued again, as a new delivery.');
      void refresh();
      navigate(`/webhooks/${webhookId}/${created.id}`);
    },
    onError: showProblem,
  });
  return (
    <>
      <div className={styles.head}>
        <div className={styles.headText}>
          <Title order={2}>{type}</Title>
          <DeliveryStatus status={status} />
        </div>
        {isOwner && request !== null && (
          <Button variant="default" loading={replay.isPending} onClick={() => replay.mutate()}>
            Replay
          </Button>
        )}
      </div>
      <dl className={styles.facts}>
        <Fact name="Created">
          <Time at={createdAt} form="exact" />
          {isReplay && ' (replay)'}
        </Fact>
        {nextAttemptAt !== null && (
          <Fact name="Next attempt">
            <Time at={nextAttemptAt} form="exact" />
          </Fact>
        )}
        <Fact name="Event">
          <code>{eventId}</code>
        </Fact>
        {messageId !== null && (
          <Fact name="Message">
            <Anchor component={Link} href={viewPath(`/messages/${messageId}`)}>
              Show the message
            </Anchor>
          </Fact>
        )}
      </dl>
      <Section title="Attempts">
        <Attempts history={history} request={request} />
      </Section>
    </>
  );
}
