/** Runs searches in a worker thread, which the first search starts and `close` ends. */
import { Worker } from 'node:worker_threads';
import type { SearchRequest, SearchResponse } from './search-worker.ts';

interface PendingSearch {
  resolve: (found: string[]) => void;
  reject: (error: Error) => void;
}

export class SearchThread {
  readonly #file: string;
  readonly #pending = new Map<number, PendingSearch>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Returns the ids of messages that contain all phrases, best match first. */
  find(request: Omit<SearchRequest, 'id'>): Promise<string[]> {
    const worker = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, ...request });
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
      if (this.#pending.size === 0) worker.unref();
      if (found === undefined) search?.reject(new Error(error));
      else search?.resolve(found);
    });
    const fail = (error: Error) => {
      this.#worker = undefined;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The search thread ended before the search was complete.')));
    this.#worker = worker;
    return worker;
  }
}
