/** Lists messages, newest first, with filters, scheduled messages and an export. */

import IconExport from 'icon:download';
import { Button, Menu, SegmentedControl } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { API, pathWith } from '../api/request.ts';
import type { Message } from '../api/types.ts';
import { previewOf } from '../inbox/preview.ts';
import { useEnvironment } from '../shell/environment.tsx';
import { partyName } from '../ui/conversation-name.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page } from '../ui/page.tsx';
import { ShowMore } from '../ui/show-more.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { Time } from '../ui/time.tsx';
import { MessageFilters, queryOf, useFilters } from './message-filters.tsx';
import { MessageStatus } from './message-status.tsx';
import styles from './messages.module.css';
import { useMessages } from './use-messages.ts';

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
        {previewOf({ ...message, direction: 'inbound', senderName: null })}
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

function OpenLink({ message }: { message: Message }) {
  const { id, direction } = message;
  const { pathOf } = useFilters();
  return (
    <Link href={pathOf(id)} className={styles.with}>
      {direction === 'inbound' ? 'From ' : 'To '}
      {messageParty(message)}
    </Link>
  );
}

/** A contact is shown by its number, which the filter takes; a group by its name. */
const messageParty = (message: Message) =>
  message.group !== null && message.direction === 'outbound'
    ? partyName(message)
    : formatHandle(message.handle);

export function MessageTable() {
  const environment = useEnvironment();
  const [, navigate] = useLocation();
  const { filters, days, change, pathOf } = useFilters();
  const { query, messages, hasNew, showNew } = useMessages(filters, days);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
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
          {hasNew && (
            <Button className={styles.fresh} size="xs" radius="xl" onClick={showNew}>
              Show new messages
            </Button>
          )}
          <DataTable
            label="Messages"
            columns={COLUMNS}
            rows={messages}
            keyOf={({ id }) => id}
            onOpen={({ id }) => navigate(pathOf(id))}
            compact={(message) => <CompactMessage message={message} />}
          />
          <ShowMore pages={{ hasNextPage, isFetchingNextPage, fetchNextPage }} />
        </div>
      )}
    </Page>
  );
}

function CompactMessage({ message }: { message: Message }) {
  const { id, direction } = message;
  const { pathOf } = useFilters();
  return (
    <Link href={pathOf(id)} className={styles.compact}>
      <span className={styles.compactLine}>
        <strong>
          {direction === 'inbound' ? 'From ' : 'To '}
          {messageParty(message)}
        </strong>
        <Time at={timeOf(message)} />
      </span>
      <span className={styles.compactLine}>
        <span className={styles.text} dir="auto">
          {previewOf({ ...message, direction: 'inbound', senderName: null })}
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
