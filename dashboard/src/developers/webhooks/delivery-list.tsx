/** Lists the deliveries of a webhook, newest first, with a filter by status. */
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { DeliveryList as Deliveries, Delivery } from '../../api/types.ts';
import { DeliveryStatus } from '../../messages/deliveries.tsx';
import { useEnvironment, useTenantRequest } from '../../shell/environment.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Section } from '../../ui/page.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { Time } from '../../ui/time.tsx';
import styles from '../developers.module.css';

const PAGE = 50;
/** Attempts are not events of the live stream. */
const REFETCH_MS = 5_000;
const PENDING_REFETCH_MS = 1_000;
const STATUSES = [
  { value: '', label: 'All' },
  { value: 'pending', label: 'Pending' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'failed', label: 'Failed' },
];

export function DeliveryList({ webhookId }: { webhookId: string }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? '';
  const query = useInfiniteQuery({
    queryKey: [environment, 'webhooks', webhookId, 'deliveries', status],
    queryFn: ({ pageParam, signal }) =>
      send<Deliveries>('GET', `/webhooks/${webhookId}/deliveries`, {
        query: { status, cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined || data.pages.length > 1) return false;
      const isPending = data.pages[0]?.deliveries.some((one) => one.status === 'pending');
      return isPending ? PENDING_REFETCH_MS : REFETCH_MS;
    },
  });
  const deliveries = query.data?.pages.flatMap((page) => page.deliveries) ?? [];
  // A page examines a limited number of deliveries, so it may be empty before the end.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isShort = deliveries.length < PAGE / 2 && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);
  return (
    <Section
      title="Deliveries"
      actions={
        <SegmentedControl
          withItemsBorders={false}
          aria-label="Status"
          data={STATUSES}
          value={status}
          onChange={(value) => setParams(value === '' ? {} : { status: value }, { replace: true })}
        />
      }
    >
      <QueryView query={query}>
        {() =>
          deliveries.length === 0 && !hasNextPage ? (
            <EmptyState title={status === '' ? 'No deliveries yet' : `No ${status} deliveries`}>
              {status === ''
                ? 'Events appear here as they happen. Send a test event to try your program.'
                : 'Choose another status.'}
            </EmptyState>
          ) : (
            <div className={styles.more}>
              <DataTable
                label="Deliveries"
                columns={columnsFor(webhookId)}
                rows={deliveries}
                keyOf={({ id }) => id}
                onOpen={({ id }) => navigate(`/webhooks/${webhookId}/${id}`)}
                compact={(delivery) => <CompactDelivery webhookId={webhookId} delivery={delivery} />}
              />
              <ShowMore pages={{ hasNextPage, isFetchingNextPage, fetchNextPage }} />
            </div>
          )
        }
      </QueryView>
    </Section>
  );
}

function CompactDelivery({ webhookId, delivery }: { webhookId: string; delivery: Delivery }) {
  const { id, type, status, isReplay, latestAttempt, createdAt } = delivery;
  return (
    <Link href={`/webhooks/${webhookId}/${id}`} className={styles.compact}>
      <span className={styles.compactLine}>
        <span className={styles.compactName}>{type}</span>
        <Time at={createdAt} />
      </span>
      <span className={styles.compactLine}>
        <span className={styles.note}>
          {responseOf(latestAttempt)}
          {isReplay && ' · replay'}
        </span>
        <DeliveryStatus status={status} />
      </span>
    </Link>
  );
}

function columnsFor(webhookId: string): Column<Delivery>[] {
  return [
    { name: 'Status', width: '120px', cell: ({ status }) => <DeliveryStatus status={status} /> },
    {
      name: 'Event',
      cell: ({ id, type, isReplay }) => (
        <span>
          <Link href={`/webhooks/${webhookId}/${id}`} className={styles.url}>
            {type}
          </Link>
          {isReplay && <span className={styles.note}> replay</span>}
        </span>
      ),
    },
    { name: 'Response', cell: ({ latestAttempt }) => responseOf(latestAttempt) },
    { name: 'Attempts', width: '90px', cell: ({ attempts }) => attempts.toLocaleString() },
    {
      name: 'Next attempt',
      width: '120px',
      cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? '—' : <Time at={nextAttemptAt} form="clock" />),
    },
    { name: 'Time', width: '90px', align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

function responseOf(latest: Delivery['latestAttempt']): string {
  if (latest === null) return '—';
  const { statusCode, answer, durationMs } = latest;
  return statusCode === null ? answer : `${statusCode} after ${durationMs.toLocaleString()} ms`;
}
