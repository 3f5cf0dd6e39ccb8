/**
 * Runs searches in a worker thread, which the first search starts and `close` ends. A search waits for the earlier ones,
 * so the number of waiting searches and the time of each are limited.
 */
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../core/model/errors.ts';
import type { ConversationSearch, FoundConversation } from './search-conversations.ts';
import type { FilteredResult, FilteredSearch } from './search-messages.ts';
import type { MessageSearch, Search, SearchResponse } from './search-worker.ts';

interface PendingSearch {
  resolve: (found: NonNullable<SearchResponse['found']>) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

const WAITING_MAX = 100;
const SEARCH_MAX_MS = 10_000;

export class SearchThread {
  readonly #file: string;
  readonly #pending = new Map<number, PendingSearch>();
  #worker: Worker | undefined;
  #lastId = 0;
  /** Searches in the worker, including those that timed out. */
  #running = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Returns the ids of messages that contain all phrases, best match first.
   *
   * @throws HomingError `unavailable` if too many searches wait, or the search takes more than 10 seconds.
   */
  find(search: MessageSearch): Promise<string[]> {
    return this.#run({ kind: 'messages', search }) as Promise<string[]>;
  }

  /** Returns conversations, latest activity first. @throws HomingError `unavailable`, as `find` does */
  findConversations(search: ConversationSearch): Promise<FoundConversation[]> {
    return this.#run({ kind: 'conversations', search }) as Promise<FoundConversation[]>;
  }

  /** Returns messages with the words that match the filter, newest first. @throws HomingError `unavailable` */
  findFiltered(search: FilteredSearch): Promise<FilteredResult> {
    return this.#run({ kind: 'filtered', search }) as Promise<FilteredResult>;
  }

  async #run(search: Search): Promise<NonNullable<SearchResponse['found']>> {
    if (this.#running >= WAITING_MAX) throw unavailable('Too many searches are waiting. Try again later.');
    const worker = this.#start();
    this.#running += 1;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(unavailable('The search took too long. Search for more specific words.'));
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
    const url = new URL(`./search-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const worker = new Worker(url, { workerData: { file: this.#file } });
    worker.unref();
    worker.on('message', ({ id, found, error }: SearchResponse) => {
      const search = this.#pending.get(id);
      this.#pending.delete(id);
      this.#running -= 1;
      clearTimeout(search?.timer);
      if (this.#running === 0) worker.unref();
      if (found === undefined) search?.reject(new Error(error));
      else search?.resolve(found);
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
