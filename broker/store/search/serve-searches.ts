/** Answers the requests of the search thread, in the worker of an engine. */
import { parentPort } from 'node:worker_threads';
import { HomingError, unavailable } from '../../core/model/errors.ts';
import type { Found, Search } from './search-index.ts';

/** Maximum time of a search, including the time for which it waits. */
export const SEARCH_MAX_MS = 10_000;

export type SearchRequest = Search & { id: number };

export interface SearchResponse {
  id: number;
  found?: Found;
  /** The message of an error `unavailable`. */
  unavailableBecause?: string;
  error?: string;
}

export const tookTooLong = () => unavailable('The search took too long. Search for more specific words.');

/** Call once in the worker. Searches that are not finished run at the same time. */
export function serveSearches(run: (search: Search) => Promise<Found>): void {
  if (parentPort === null) throw new Error('Searches are served in a worker thread only.');
  const port = parentPort;
  const answer = async ({ id, ...search }: SearchRequest) => {
    const response: SearchResponse = { id };
    try {
      response.found = await run(search);
    } catch (error) {
      if (error instanceof HomingError && error.code === 'unavailable') {
        response.unavailableBecause = error.message;
      } else response.error = String(error);
    }
    port.postMessage(response);
  };
  port.on('message', (request: SearchRequest) => void answer(request));
}
