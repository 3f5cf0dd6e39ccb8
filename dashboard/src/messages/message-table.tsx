/** Lists messages, newest first, with filters, scheduled messages and an export. */

import IconExport from 'icon:download';
import { Button, Menu, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { API, pathWith } from '../api/request.ts';
import type { Message, MessageList } from '../api/types.ts';
import { previewOf } from '../inbox/preview.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page } from '../ui/page.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { Time } from '../ui/time.tsx';
import { MessageFilters, queryOf, useFilters } from './message-filters.tsx';
import { MessageStatus } from './message-status.tsx';
import styles from './messages.module.css';

const PAGE = 50;

const COLUMNS: ReadonlyArray<Column<Message>> = [
  {
    name: 'Status',
    width: '132px',
    cell: (message) => <MessageStatus message={message} />,
  },
  {
    name: 'With',
    width: '190px',
    cell: (message) => <OpenLink message={message} />,
  },
  {
    name: 'Text',
    cell: (message) => (
      <span className={styles.text} dir="auto">
        {previewOf({ ...message, direction: 'inbound' })}
      </span>
    ),
  },
  { name: 'Number', width: '150px', cell: ({ ownNumber }) => formatHandle(ownNumber) },
  {
    name: 'Time',
    width: '92px',
    align: 'end',
    cell: (message) => <Time at={timeOf(message)} />,
  },
];

/** A scheduled message is shown with the time at which it will be sent. */
const timeOf = ({ createdAt, sendAt, status }: Message) =>
  status === 'queued' && sendAt !== null ? sendAt : createdAt;

function OpenLink({ message: { id, handle, direction } }: { message: Message }) {
  const { pathOf } = useFilters();
  return (
    <Link href={pathOf(id)} className={styles.with}>
      {direction === 'inbound' ? 'From ' : 'To '}
      {formatHandle(handle)}
    </Link>
  );
}

export function MessageTable() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [, navigate] = useLocation();
  const { filters, days, change, pathOf } = useFilters();
  const query = useInfiniteQuery({
    queryKey: [environment, 'messages', filters, days],
    queryFn: ({ pageParam, signal }) =>
      send<MessageList>('GET', '/messages', {
        query: { ...queryOf(filters, days), cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (previous) => previous,
    maxPages: 20,
  });
  const messages = query.data?.pages.flatMap((page) => page.messages) ?? [];
  // A page examines a limited number of messages, so it may be empty before the end.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isShort =
    messages.length < PAGE / 2 && hasNextPage && !isFetchingNextPage && !query.isPlaceholderData;
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);
  const exported = (format: Record<string, string>) =>
    pathWith(`${API}/${environment}/messages.csv`, { ...queryOf(filters, days), ...format });
  return (
    <Page
      title="Messages"
      actions={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" leftSection={<IconExport size={16} />}>
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={exported({})} download>
              CSV of these messages
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
      toolbar={
        <>
          <SegmentedControl
            withItemsBorders={false}
            aria-label="Messages"
            data={[
              { value: 'all', label: 'All' },
              { value: 'scheduled', label: 'Scheduled' },
            ]}
            value={filters.scheduled === 'true' ? 'scheduled' : 'all'}
            onChange={(value) => change({ scheduled: value === 'scheduled' ? 'true' : null, status: null })}
          />
          <MessageFilters />
        </>
      }
    >
      {query.isPending ? (
        <RowSkeletons rows={12} />
      ) : query.isError && messages.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : messages.length === 0 && !hasNextPage ? (
        <NoMessages
          isFiltered={Object.keys(filters).length > 0 || days !== null}
          isScheduled={filters.scheduled === 'true'}
        />
      ) : (
        <div className={styles.list}>
          <DataTable
            label="Messages"
            columns={COLUMNS}
            rows={messages}
            keyOf={({ id }) => id}
            onOpen={({ id }) => navigate(pathOf(id))}
            compact={(message) => <CompactMessage message={message} />}
          />
          {hasNextPage && (
            <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Show more
            </Button>
          )}
        </div>
      )}
    </Page>
  );
}

function CompactMessage({ message }: { message: Message }) {
  const { id, handle, direction } = message;
  const { pathOf } = useFilters();
  return (
    <Link href={pathOf(id)} className={styles.compact}>
      <span className={styles.compactLine}>
        <strong>
          {direction === 'inbound' ? 'From ' : 'To '}
          {formatHandle(handle)}
        </strong>
        <Time at={timeOf(message)} />
      </span>
      <span className={styles.compactLine}>
        <span className={styles.text} dir="auto">
          {previewOf({ ...message, direction: 'inbound' })}
        </span>
        <MessageStatus message={message} />
      </span>
    </Link>
  );
}

function NoMessages({ isFiltered, isScheduled }: { isFiltered: boolean; isScheduled: boolean }) {
  if (isScheduled)
    return (
      <EmptyState title="No scheduled messages">
        Choose “Send later” in a conversation, or send <code>send_at</code> to the API.
      </EmptyState>
    );
  if (isFiltered) return <EmptyState title="No message matches">Change or clear the filters.</EmptyState>;
  return <EmptyState title="No messages yet">Messages that you send and receive appear here.</EmptyState>;
}
