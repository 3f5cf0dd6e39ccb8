/** Caches responses. A request without a response is retried; an error of the broker is not. */
import { QueryClient } from '@tanstack/react-query';
import { RequestError } from './request.ts';

const STALE_MS = 30_000;
const RETRIES_MAX = 3;

const isRetryable = (error: unknown) =>
  error instanceof RequestError && (error.status === 0 || error.status === 503);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      // The broker may be on this machine, which has no network: the browser then reports that it is offline.
      networkMode: 'always',
      retry: (failures, error) => isRetryable(error) && failures < RETRIES_MAX,
    },
    mutations: { networkMode: 'always' },
  },
});
