/** Lists the contacts by name, with search, import and export. */
import IconMore from 'icon:dots';
import IconExport from 'icon:download';
import IconAdd from 'icon:plus';
import IconSearch from 'icon:search';
import IconImport from 'icon:upload';
import { ActionIcon, Button, CloseButton, Menu, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { API } from '../api/request.ts';
import type { ContactList as Contacts } from '../api/types.ts';
import { useCanWrite } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Page } from '../ui/page.tsx';
import { ShowMore } from '../ui/show-more.tsx';
import { RowSkeletons } from '../ui/skeletons.tsx';
import { SubNavigation } from '../ui/sub-navigation.tsx';
import { useSearchText } from '../ui/use-search-text.ts';
import { AddDialog } from './add-dialog.tsx';
import { ContactTable } from './contact-table.tsx';
import styles from './contacts.module.css';
import { PARTS } from './parts.ts';
import { RunningErasures } from './running-erasures.tsx';

const PAGE = 50;
const SEARCH_PAUSE_MS = 250;

export function ContactList() {
  const canWrite = useCanWrite();
  const [params, setParams] = useSearchParams();
  const { text, settled: search, setText } = useSearchText(SEARCH_PAUSE_MS);
  const added = params.get('new');
  const query = useContacts(search);
  const contacts = query.data?.pages.flatMap((page) => page.contacts) ?? [];
  // A search examines a limited number of contacts for a page, so a page may be short before the end.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isShort =
    contacts.length < PAGE / 2 && hasNextPage && !isFetchingNextPage && !query.isPlaceholderData;
  useEffect(() => {
    if (isShort) void fetchNextPage();
  }, [isShort, fetchNextPage]);
  const setAdded = (handle: string | null) =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current);
        if (handle === null) next.delete('new');
        else next.set('new', handle);
        return next;
      },
      { replace: true },
    );
  const addButton = canWrite && (
    <Button leftSection={<IconAdd size={16} />} onClick={() => setAdded('')}>
      Add contact
    </Button>
  );
  return (
    <Page
      title="Contacts"
      actions={
        <>
          {addButton}
          <FileMenu />
        </>
      }
      toolbar={
        <>
          <SubNavigation label="Parts of Contacts" parts={PARTS} />
          <SearchField text={text} onChange={setText} />
        </>
      }
    >
      <RunningErasures />
      {query.isPending ? (
        <RowSkeletons rows={12} />
      ) : query.isError && contacts.length === 0 ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : contacts.length === 0 && !hasNextPage ? (
        <NoContacts search={search} action={addButton} />
      ) : (
        <div className={styles.list}>
          <ContactTable contacts={contacts} />
          <ShowMore pages={{ hasNextPage, isFetchingNextPage, fetchNextPage }} />
        </div>
      )}
      {added !== null && canWrite && <AddDialog handle={added} onClose={() => setAdded(null)} />}
    </Page>
  );
}

function useContacts(search: string) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  return useInfiniteQuery({
    queryKey: [environment, 'contacts', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      send<Contacts>('GET', '/contacts', { query: { search, cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (previous) => previous,
  });
}

function SearchField({ text, onChange }: { text: string; onChange(text: string): void }) {
  return (
    <TextInput
      className={styles.search}
      placeholder="Name, number or e-mail address"
      aria-label="Search contacts"
      leftSection={<IconSearch size={16} />}
      rightSection={
        text !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange('')} />
      }
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function FileMenu() {
  const environment = useEnvironment();
  const canWrite = useCanWrite();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label="Import and export" size={36} variant="default">
          <IconMore size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {canWrite && (
          <Menu.Item component={Link} href="/import" leftSection={<IconImport size={16} />}>
            Import from CSV
          </Menu.Item>
        )}
        <Menu.Item
          component="a"
          href={`${API}/${environment}/contacts.csv`}
          download
          leftSection={<IconExport size={16} />}
        >
          Export as CSV
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function NoContacts({ search, action }: { search: string; action: ReactNode }) {
  const canWrite = useCanWrite();
  const [, navigate] = useLocation();
  if (search !== '')
    return (
      <EmptyState title="No contact matches">
        Search for a part of the name, the number or the address.
      </EmptyState>
    );
  return (
    <EmptyState
      title="No contact yet"
      action={
        <>
          {action}
          {canWrite && (
            <Button variant="default" onClick={() => navigate('/import')}>
              Import from CSV
            </Button>
          )}
        </>
      }
    >
      Contacts give numbers a name in the inbox, and fill the merge fields of saved replies.
    </EmptyState>
  );
}
