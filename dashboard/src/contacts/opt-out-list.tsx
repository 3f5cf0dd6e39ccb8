/** Lists the recipients who opted out, and adds and removes opt-outs. */
import IconAdd from 'icon:plus';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { OptOut, OptOutList as OptOuts } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { Page } from '../ui/page.tsx';
import { ShowMore } from '../ui/show-more.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { SubNavigation } from '../ui/sub-navigation.tsx';
import { Time } from '../ui/time.tsx';
import styles from './contacts.module.css';
import { LinkedHandle } from './linked-handle.tsx';
import { OptOutDialog } from './opt-out-dialog.tsx';
import { originText } from './opt-out-origin.ts';
import { PARTS } from './parts.ts';
import { RemoveOptOut } from './remove-opt-out.tsx';

const PAGE = 50;

export function OptOutList() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const canWrite = useCanWrite();
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<OptOut>();
  const query = useInfiniteQuery({
    queryKey: [environment, 'opt-outs'],
    queryFn: ({ pageParam, signal }) =>
      send<OptOuts>('GET', '/opt-outs', { query: { cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const optOuts = query.data?.pages.flatMap((page) => page.optOuts) ?? [];
  const addButton = canWrite && (
    <Button leftSection={<IconAdd size={16} />} onClick={() => setAdding(true)}>
      Add opt-out
    </Button>
  );
  return (
    <Page
      title="Contacts"
      about="Nothing is sent to these recipients. A reply such as STOP adds a recipient here, and START removes it."
      actions={addButton}
      toolbar={<SubNavigation label="Parts of Contacts" parts={PARTS} />}
    >
      {query.isPending ? (
        <RowSkeletons rows={8} />
      ) : query.isError && optOuts.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : optOuts.length === 0 ? (
        <EmptyState title="No recipient opted out">
          Add a recipient here who asked you in another way, such as by phone.
        </EmptyState>
      ) : (
        <div className={styles.list}>
          <OptOutTable optOuts={optOuts} onRemove={canWrite ? setRemoved : undefined} />
          <ShowMore pages={query} />
        </div>
      )}
      {isAdding && <OptOutDialog onClose={() => setAdding(false)} />}
      {removed !== undefined && <RemoveOptOut optOut={removed} onClose={() => setRemoved(undefined)} />}
    </Page>
  );
}

const COLUMNS: ReadonlyArray<Column<OptOut>> = [
  { name: 'Recipient', cell: (optOut) => <LinkedHandle {...optOut} /> },
  { name: 'Origin', width: '280px', cell: originText },
  { name: 'Since', width: '92px', cell: ({ createdAt }) => <Time at={createdAt} /> },
];

function OptOutTable({
  optOuts,
  onRemove,
}: {
  optOuts: readonly OptOut[];
  /** Undefined: the member may not remove opt-outs. */
  onRemove: ((optOut: OptOut) => void) | undefined;
}) {
  const removeButton = (optOut: OptOut) =>
    onRemove !== undefined && (
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        aria-label={`Remove the opt-out of ${formatHandle(optOut.handle)}`}
        onClick={() => onRemove(optOut)}
      >
        Remove
      </Button>
    );
  const removal: Column<OptOut> = {
    ...{ name: 'Remove', isNameHidden: true, align: 'end', width: '92px' },
    cell: removeButton,
  };
  return (
    <DataTable
      label="Opt-outs"
      columns={onRemove === undefined ? COLUMNS : [...COLUMNS, removal]}
      rows={optOuts}
      keyOf={({ handle }) => handle}
      compact={(optOut) => (
        <div className={styles.compact}>
          <span className={styles.compactText}>
            <LinkedHandle {...optOut} />
            <span className={styles.meta}>
              {originText(optOut)} · <Time at={optOut.createdAt} />
            </span>
          </span>
          {removeButton(optOut)}
        </div>
      )}
    />
  );
}
