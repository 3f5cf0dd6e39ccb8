/** Reads the overview, and again each ten seconds while it is visible. */
import { useQuery } from '@tanstack/react-query';
import type { Overview } from '../api/types.ts';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';

export const RANGES = ['24h', '7d', '30d'] as const satisfies ReadonlyArray<Overview['range']>;

const REFETCH_MS = 10_000;

export function useOverview(range: Overview['range'], { isEnabled = true } = {}) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  return useQuery({
    queryKey: [environment, 'overview', range],
    queryFn: ({ signal }) => send<Overview>('GET', '/overview', { query: { range }, signal }),
    enabled: isEnabled,
    // The steps of the first run are done in other views.
    staleTime: 0,
    refetchInterval: REFETCH_MS,
    placeholderData: (previous) => previous,
  });
}

export function isChecklistDone({ checklist }: Overview): boolean {
  return Object.values(checklist).every((isDone) => isDone);
}
