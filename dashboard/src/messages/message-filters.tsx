/** Filters of the messages. They are a part of the address, so that a link and the back button restore them. */

import IconSearch from 'icon:search';
import { Button, CloseButton, Select, TextInput } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { NumberFilter } from '../inbox/number-filter.tsx';
import { formatHandle } from '../ui/format-handle.ts';
import { useSearchText } from '../ui/use-search-text.ts';

export const FILTER_NAMES = [
  'status',
  'direction',
  'number',
  'recipient',
  'since',
  'until',
  'scheduled',
  'search',
] as const;
export type Filters = Partial<Record<(typeof FILTER_NAMES)[number], string>>;

const STATUSES = [
  { value: 'queued', label: 'Queued' },
  { value: 'polling', label: 'Sending' },
  { value: 'sent', label: 'Sent' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'failed', label: 'Failed' },
  { value: 'received', label: 'Received' },
];
const DAY = 86_400_000;
const PERIODS = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
];

export function useFilters() {
  const [params, setParams] = useSearchParams();
  const filters: Filters = {};
  for (const name of FILTER_NAMES) {
    const value = params.get(name);
    if (value !== null && value !== '') filters[name] = value;
  }
  const days = params.get('days');
  const change = (changes: Record<string, string | null>) =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  const query = params.toString();
  return {
    ...{ filters, days, change },
    clear: () => setParams(new URLSearchParams()),
    /** Address of a message, or of the list for an empty id. It keeps the filters. */
    pathOf: (id: string) => (query === '' ? `/${id}` : `/${id}?${query}`),
  };
}

/** Returns the filters for the API: a period becomes the time at which it starts, rounded to a minute. */
export function queryOf(filters: Filters, days: string | null): Filters {
  if (days === null || !/^\d{1,3}$/.test(days)) return filters;
  const since = Date.now() - Number(days) * DAY;
  return { ...filters, since: String(since - (since % 60_000)) };
}

export function MessageFilters() {
  const { filters, days, change, clear } = useFilters();
  const { text: search, setText: setSearch } = useSearchText(300);
  const isFiltered = Object.keys(filters).length > 0 || days !== null;
  return (
    <>
      <TextInput
        w={220}
        placeholder="Search texts"
        aria-label="Search texts"
        leftSection={<IconSearch size={16} />}
        rightSection={
          search !== '' && (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => setSearch('')} />
          )
        }
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Select
        w={140}
        aria-label="Status"
        placeholder="Any status"
        clearable
        data={STATUSES}
        value={filters.status ?? null}
        onChange={(status) => change({ status, scheduled: null })}
      />
      <Select
        w={140}
        aria-label="Direction"
        placeholder="In and out"
        clearable
        data={[
          { value: 'outbound', label: 'Sent by you' },
          { value: 'inbound', label: 'Received' },
        ]}
        value={filters.direction ?? null}
        onChange={(direction) => change({ direction })}
      />
      <Select
        w={168}
        aria-label="Period"
        placeholder="Any time"
        clearable
        data={PERIODS}
        value={days}
        onChange={(value) => change({ days: value })}
      />
      <NumberFilter size="sm" value={filters.number ?? ''} onChange={(number) => change({ number })} />
      {filters.recipient !== undefined && (
        <Button variant="light" rightSection="×" onClick={() => change({ recipient: null })}>
          With {formatHandle(filters.recipient)}
        </Button>
      )}
      {isFiltered && (
        <Button variant="subtle" onClick={clear}>
          Clear filters
        </Button>
      )}
    </>
  );
}
