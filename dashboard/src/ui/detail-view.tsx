/** Shows one object, or that it does not exist with a link to its list. */
import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { RequestError } from '../api/request.ts';
import { EmptyState } from './empty-state.tsx';
import { QueryView } from './query-view.tsx';

export interface Missing {
  /** Name of the object: contact. */
  name: string;
  /** Name and path of its list: contacts, /. */
  list: string;
  href: string;
  reason?: string;
}

export function DetailView<Data>({
  query,
  missing: { name, list, href, reason = 'It may have been deleted.' },
  children,
}: {
  query: UseQueryResult<Data>;
  missing: Missing;
  children(data: Data): ReactNode;
}) {
  if (!(query.error instanceof RequestError && query.error.status === 404))
    return <QueryView query={query}>{children}</QueryView>;
  return (
    <EmptyState
      title={`This ${name} does not exist`}
      action={
        <Button component={Link} href={href} variant="default">
          Show all {list}
        </Button>
      }
    >
      {reason}
    </EmptyState>
  );
}
