/** Lists the conversations, latest activity first, with search and filters. Loads further pages while scrolling. */

import IconSearch from 'icon:search';
import { Button, CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Conversation } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { type Shortcut, useShortcuts } from '../shell/keyboard.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { useSearchText } from '../ui/use-search-text.ts';
import styles from './conversation-list.module.css';
import { ConversationRow, ROW_HEIGHT } from './conversation-row.tsx';
import { useHeldBack } from './held-back.ts';
import { NewButtons } from './new-buttons.tsx';
import { NumberFilter } from './number-filter.tsx';
import { useConversations } from './use-conversations.ts';

const FILTERS = [
  { value: 'all', label: 'All' },
  { value: 'unread', label: 'Unread' },
  { value: 'groups', label: 'Groups' },
];
const LOAD_AHEAD = 15;

interface Props {
  openId: string | undefined;
  open(path: string): void;
}

export function ConversationList({ openId, open }: Props) {
  const [params, setParams] = useSearchParams();
  const { text: search, settled: settledSearch, setText: setSearch } = useSearchText(200);
  const filter = params.get('filter') ?? 'all';
  const number = params.get('number') ?? '';
  const canWrite = useCanWrite();
  const input = useRef<HTMLInputElement>(null);
  const setParam = (name: string, value: string) =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const { query, conversations } = useConversations({ filter, number, search: settledSearch });
  const shownFilter = FILTERS.some(({ value }) => value === filter) ? filter : 'all';
  useListShortcuts({ conversations, openId, open, focusSearch: () => input.current?.focus(), canWrite });
  return (
    <>
      <div className={styles.head}>
        <TextInput
          ref={input}
          className={styles.search}
          placeholder="Search"
          aria-label="Search conversations"
          leftSection={<IconSearch size={16} />}
          rightSection={
            search !== '' && (
              <CloseButton size="sm" aria-label="Clear the search" onClick={() => setSearch('')} />
            )
          }
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        {canWrite && <NewButtons open={open} />}
      </div>
      <div className={styles.filters}>
        <SegmentedControl
          size="xs"
          withItemsBorders={false}
          data={FILTERS}
          value={shownFilter}
          aria-label="Filter"
          onChange={(value) => setParam('filter', value === 'all' ? '' : value)}
        />
        <NumberFilter value={number} onChange={(value) => setParam('number', value)} />
      </div>
      {query.isPending ? (
        <RowSkeletons rows={8} height={ROW_HEIGHT} />
      ) : query.isError && conversations.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : conversations.length === 0 ? (
        <NoConversations filter={shownFilter} search={settledSearch} open={open} canWrite={canWrite} />
      ) : (
        <Rows
          key={`${filter} ${number} ${settledSearch}`}
          conversations={conversations}
          openId={openId}
          open={open}
          isSearch={settledSearch !== ''}
          loadMore={() => {
            if (query.hasNextPage && !query.isFetchingNextPage)
              void query.fetchNextPage({ cancelRefetch: false });
          }}
        />
      )}
    </>
  );
}

interface RowsProps extends Props {
  conversations: readonly Conversation[];
  isSearch: boolean;
  loadMore(): void;
}

function Rows({ conversations, openId, open, isSearch, loadMore }: RowsProps) {
  const container = useRef<HTMLDivElement>(null);
  const [isAtTop, setAtTop] = useState(true);
  const { shown, count, show } = useHeldBack(conversations, isAtTop);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => container.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= shown.length - LOAD_AHEAD) loadMore();
  }, [last, shown.length, loadMore]);
  const openIndex = shown.findIndex(({ id }) => id === openId);
  const scrollTo = rows.scrollToIndex;
  // Only when another conversation is opened, not when the list changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (openIndex >= 0) scrollTo(openIndex, { align: 'auto' });
  }, [openId]);
  return (
    <div className={styles.body}>
      {count > 0 && (
        <Button
          className={styles.pill}
          size="xs"
          radius="xl"
          onClick={() => {
            show();
            container.current?.scrollTo({ top: 0 });
          }}
        >
          {count} new
        </Button>
      )}
      <div
        ref={container}
        className={styles.rows}
        onScroll={({ currentTarget }) => setAtTop(currentTarget.scrollTop < ROW_HEIGHT / 2)}
      >
        <ul className={styles.sizer} style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const conversation = shown[index];
            if (conversation === undefined) return null;
            return (
              <li key={key} className={styles.item} style={{ transform: `translateY(${start}px)` }}>
                <ConversationRow
                  conversation={conversation}
                  isOpen={conversation.id === openId}
                  isSearch={isSearch}
                  open={open}
                />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function NoConversations({
  filter,
  search,
  open,
  canWrite,
}: {
  filter: string;
  search: string;
  open(path: string): void;
  canWrite: boolean;
}) {
  if (search !== '')
    return <EmptyState title="Nothing found">No conversation contains “{search}”.</EmptyState>;
  if (filter === 'unread') return <EmptyState title="All read">New messages appear here.</EmptyState>;
  if (filter === 'groups') return <EmptyState title="No groups">Group messages appear here.</EmptyState>;
  return (
    <EmptyState
      title="No conversations yet"
      action={canWrite && <Button onClick={() => open('/new')}>New conversation</Button>}
    >
      Messages to your number appear here, and the conversations that you start.
    </EmptyState>
  );
}

function useListShortcuts({
  conversations,
  openId,
  open,
  focusSearch,
  canWrite,
}: Props & { conversations: readonly Conversation[]; focusSearch(): void; canWrite: boolean }) {
  const index = conversations.findIndex(({ id }) => id === openId);
  const shortcuts = useMemo<Shortcut[]>(() => {
    const step = (by: number) => () => {
      const next = conversations[Math.max(0, Math.min(conversations.length - 1, index + by))];
      if (next !== undefined) open(`/${next.id}`);
    };
    const found: Shortcut[] = [
      { key: 'j', description: 'Next conversation', run: step(1) },
      { key: 'k', description: 'Previous conversation', run: step(-1) },
      { key: '/', description: 'Search conversations', run: focusSearch },
    ];
    if (canWrite) found.push({ key: 'c', description: 'New conversation', run: () => open('/new') });
    return found;
  }, [conversations, index, open, focusSearch, canWrite]);
  useShortcuts(shortcuts);
}
