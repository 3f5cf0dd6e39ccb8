/** Reads the account with the limits of its plan and the retention. */
import { useQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import type { Account } from '../api/types.ts';

export function useAccount() {
  return useQuery({
    queryKey: ['account'],
    queryFn: ({ signal }) => request<Account>('GET', '/account', { signal }),
  });
}
