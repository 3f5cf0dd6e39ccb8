/** Reads the numbers of the account, which several views need. */
import { useQuery } from '@tanstack/react-query';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import type { NumberList } from './types.ts';

export function useNumbers() {
  const environment = useEnvironment();
  const send = useTenantRequest();
  return useQuery({
    queryKey: [environment, 'numbers'],
    queryFn: ({ signal }) => send<NumberList>('GET', '/numbers', { signal }),
    select: ({ numbers }) => numbers,
  });
}
