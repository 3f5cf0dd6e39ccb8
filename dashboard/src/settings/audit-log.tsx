/** Lists the changes of all members, newest first. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { request } from '../api/request.ts';
import type { AuditPage, MemberList } from '../api/types.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Page } from '../ui/page.tsx';
import { ShowMore } from '../ui/show-more.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { Time } from '../ui/time.tsx';
import { viewPath } from '../ui/view-path.ts';
import { type AuditEntry, auditText } from './audit-text.ts';
import styles from './settings.module.css';

const PAGE = 50;

export function AuditLog() {
  /** With further pages, each change would load all of them again. */
  const [isFollowing, setFollowing] = useState(true);
  const query = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam, signal }) =>
      request<AuditPage>('GET', '/audit', { query: { cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: isFollowing,
    gcTime: 0,
  });
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Page title="Audit log" about="What members changed, and when. Kept for 400 days.">
      {query.isPending ? (
        <RowSkeletons rows={10} />
      ) : query.isError && entries.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : entries.length === 0 ? (
        <EmptyState title="No entry yet">Changes of members appear here.</EmptyState>
      ) : (
        <div className={styles.pages}>
          <AuditTable entries={entries} />
          <ShowMore
            pages={{
              hasNextPage: query.hasNextPage,
              isFetchingNextPage: query.isFetchingNextPage,
              fetchNextPage: () => {
                setFollowing(false);
                void query.fetchNextPage();
              },
            }}
          />
        </div>
      )}
    </Page>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const { data } = useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => request<MemberList>('GET', '/members', { signal }),
  });
  const nameOf = (memberId: string) => data?.members.find(({ id }) => id === memberId)?.name;
  return (
    <DataTable
      label="Audit log"
      rows={entries}
      keyOf={({ id }) => id}
      compact={(entry) => (
        <div className={styles.compact}>
          <div className={styles.itemText}>
            {auditText(entry, nameOf)} <Target entry={entry} />
            <div className={styles.meta}>
              <Who entry={entry} /> · <Time at={entry.at} />
            </div>
          </div>
        </div>
      )}
      columns={[
        {
          name: 'Member',
          width: '180px',
          cell: (entry) => <Who entry={entry} />,
        },
        {
          name: 'Change',
          cell: (entry) => (
            <>
              {auditText(entry, nameOf)} <Target entry={entry} />
            </>
          ),
        },
        { name: 'Time', width: '92px', align: 'end', cell: ({ at }) => <Time at={at} /> },
      ]}
    />
  );
}

function Who({ entry: { member } }: { entry: AuditEntry }) {
  return member === null ? 'Deleted member' : <span title={member.email}>{member.name}</span>;
}

function Target({ entry: { target, environment, action } }: { entry: AuditEntry }) {
  const isSandbox = environment === 'test';
  const path =
    target?.startsWith('msg_') === true
      ? `/messages/${target}`
      : target?.startsWith('con_') === true && action !== 'contact.deleted'
        ? `/contacts/${target}`
        : undefined;
  const isHere = isSandbox === (document.documentElement.dataset.environment === 'test');
  return (
    <>
      {isSandbox && <span className={styles.meta}>in the sandbox </span>}
      {path !== undefined && isHere && (
        <Link href={viewPath(path)} className={styles.target}>
          Open
        </Link>
      )}
    </>
  );
}
