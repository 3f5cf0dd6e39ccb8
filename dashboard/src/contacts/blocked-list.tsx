/** Lists the senders with a rule, and blocks and unblocks senders. */
import IconAdd from 'icon:plus';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SenderRule, SenderRuleList } from '../api/types.ts';
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
import { BlockDialog } from './block-dialog.tsx';
import styles from './contacts.module.css';
import { LinkedHandle } from './linked-handle.tsx';
import { PARTS } from './parts.ts';
import { useSenderRule } from './use-sender-rule.ts';

const PAGE = 50;

export function BlockedList() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const canWrite = useCanWrite();
  const [isAdding, setAdding] = useState(false);
  const query = useInfiniteQuery({
    queryKey: [environment, 'blocks'],
    queryFn: ({ pageParam, signal }) =>
      send<SenderRuleList>('GET', '/sender-rules', { query: { cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const rules = query.data?.pages.flatMap((page) => page.senderRules) ?? [];
  return (
    <Page
      title="Contacts"
      about="Messages of blocked senders are stored, but are not in the inbox and cause no event."
      actions={
        canWrite && (
          <Button leftSection={<IconAdd size={16} />} onClick={() => setAdding(true)}>
            Block sender
          </Button>
        )
      }
      toolbar={<SubNavigation label="Parts of Contacts" parts={PARTS} />}
    >
      {query.isPending ? (
        <RowSkeletons rows={8} />
      ) : query.isError && rules.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : rules.length === 0 ? (
        <EmptyState title="No blocked sender">
          Block a sender here, on the page of a contact, or in the menu of a conversation.
        </EmptyState>
      ) : (
        <div className={styles.list}>
          <RuleTable rules={rules} canWrite={canWrite} />
          <ShowMore pages={query} />
        </div>
      )}
      {isAdding && <BlockDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

const ACTIONS = { block: 'Blocked', allow: 'Allowed' } as const;

const COLUMNS: ReadonlyArray<Column<SenderRule>> = [
  { name: 'Sender', cell: (rule) => <LinkedHandle {...rule} /> },
  { name: 'Rule', width: '120px', cell: ({ action }) => ACTIONS[action] },
  { name: 'Since', width: '92px', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];

function RuleTable({ rules, canWrite }: { rules: readonly SenderRule[]; canWrite: boolean }) {
  const { remove } = useSenderRule();
  const removeButton = ({ handle, action }: SenderRule) =>
    canWrite && (
      <Button
        variant="subtle"
        size="compact-sm"
        aria-label={`${action === 'block' ? 'Unblock' : 'Remove the rule of'} ${formatHandle(handle)}`}
        onClick={() => remove.mutate(handle)}
      >
        {action === 'block' ? 'Unblock' : 'Remove'}
      </Button>
    );
  const removal: Column<SenderRule> = {
    ...{ name: 'Unblock', isNameHidden: true, align: 'end', width: '92px' },
    cell: removeButton,
  };
  return (
    <DataTable
      label="Rules about senders"
      columns={canWrite ? [...COLUMNS, removal] : COLUMNS}
      rows={rules}
      keyOf={({ handle }) => handle}
      compact={(rule) => (
        <div className={styles.compact}>
          <span className={styles.compactText}>
            <LinkedHandle {...rule} />
            <span className={styles.meta}>
              {ACTIONS[rule.action]} · <Time at={rule.updatedAt} />
            </span>
          </span>
          {removeButton(rule)}
        </div>
      )}
    />
  );
}
