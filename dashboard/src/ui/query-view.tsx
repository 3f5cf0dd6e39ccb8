/** Shows a query: skeletons while it loads, its error with "Try again", or the content. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState } from './error-state.tsx';
import { RowSkeletons } from './skeletons.tsx';

export function QueryView<T>({
  query,
  rows = 6,
  children,
}: {
  query: UseQueryResult<T>;
  /** Number of skeleton rows. */
  rows?: number;
  children(data: T): ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <RowSkeletons rows={rows} />;
  return <ErrorState error={query.error} retry={() => void query.refetch()} />;
}
