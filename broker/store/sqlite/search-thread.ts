/** The search worker as the rest of the store sees it: started by the first search, ended with the store. */
import { Worker } from 'node:worker_threads';
import type { SearchRequest, SearchResponse } from './search-worker.ts';

interface Waiting {
  resolve: (found: string[]) => void;
  reject: (error: Error) => void;
}

export class SearchThread {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Ids of the messages that have all the phrases, best first. */
  find(request: Omit<SearchRequest, 'id'>): Promise<string[]> {
    const worker = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, ...request });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // Built, it lies beside this file as JavaScript; from the sources Node runs it as it is.
    const url = new URL(`./search-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const worker = new Worker(url, { workerData: { file: this.#file } });
    worker.unref();
    worker.on('message', ({ id, found, error }: SearchResponse) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
      if (found === undefined) waiting?.reject(new Error(error));
      else waiting?.resolve(found);
    });
    const fail = (error: Error) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The search ended before it had an answer.')));
    this.#worker = worker;
    return worker;
  }
}
