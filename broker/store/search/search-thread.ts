/**
 * Runs searches in a worker thread, which the first search starts and `close` ends: a search reads and ranks up to 1,000
 * texts. The number of waiting searches and the time of each are limited.
 */
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../core/model/errors.ts';
import type {
  ConversationSearch,
  FilteredResult,
  FilteredSearch,
  Found,
  FoundConversation,
  RankedSearch,
  Search,
} from './search-index.ts';
import { SEARCH_MAX_MS, type SearchResponse, tookTooLong } from './serve-searches.ts';

interface PendingSearch {
  resolve: (found: Found) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export interface SearchThreadOptions {
  /** The module of the worker, without its extension. */
  worker: URL;
  workerData: unknown;
}

const WAITING_MAX = 100;

export class SearchThread {
  readonly #options: SearchThreadOptions;
  readonly #pending = new Map<number, PendingSearch>();
  #worker: Worker | undefined;
  #lastId = 0;
  /** Searches in the worker, including those that timed out. */
  #running = 0;

  constructor(options: SearchThreadOptions) {
    this.#options = options;
  }

  /**
   * Returns the ids of messages that contain all phrases, best match first.
   *
   * @throws HomingError `unavailable` if too many searches wait, or the search takes more than 10 seconds.
   */
  findRanked(search: RankedSearch): Promise<string[]> {
    return this.#run({ kind: 'ranked', search }) as Promise<string[]>;
  }

  /** Returns conversations, latest activity first. @throws HomingError `unavailable`, as `findRanked` does */
  findConversations(search: ConversationSearch): Promise<FoundConversation[]> {
    return this.#run({ kind: 'conversations', search }) as Promise<FoundConversation[]>;
  }

  /** Returns messages with the words that match the filter, newest first. @throws HomingError `unavailable` */
  findFiltered(search: FilteredSearch): Promise<FilteredResult> {
    return this.#run({ kind: 'filtered', search }) as Promise<FilteredResult>;
  }

  async #run(search: Search): Promise<Found> {
    if (this.#running >= WAITING_MAX) throw unavailable('Too many searches are waiting. Try again later.');
    const worker = this.#start();
    this.#running += 1;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(tookTooLong());
      }, SEARCH_MAX_MS);
      this.#pending.set(id, { resolve, reject, timer });
      worker.ref();
      worker.postMessage({ id, ...search });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // The worker has the extension of this file: `.js` after the build, `.ts` if Node runs the sources.
    const url = new URL(`${this.#options.worker.href}${import.meta.url.slice(-3)}`);
    const worker = new Worker(url, { workerData: this.#options.workerData });
    worker.unref();
    worker.on('message', ({ id, found, error, unavailableBecause }: SearchResponse) => {
      const search = this.#pending.get(id);
      this.#pending.delete(id);
      this.#running -= 1;
      clearTimeout(search?.timer);
      if (this.#running === 0) worker.unref();
      if (found !== undefined) search?.resolve(found);
      else if (unavailableBecause !== undefined) search?.reject(unavailable(unavailableBecause));
      else search?.reject(new Error(error));
    });
    const fail = (error: Error) => {
      this.#worker = undefined;
      this.#running = 0;
      for (const { reject, timer } of this.#pending.values()) {
        clearTimeout(timer);
        reject(error);
      }
      this.#pending.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The search thread ended before the search was complete.')));
    this.#worker = worker;
    return worker;
  }
}
