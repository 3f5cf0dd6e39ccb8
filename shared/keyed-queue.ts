/** Runs one item at a time for each key, in the order of the queue; different keys run in parallel. */
export class KeyedQueue<T> {
  readonly #waiting = new Map<string, T[]>();
  readonly #running = new Map<string, T>();
  #begin: ((item: T) => boolean) | undefined;

  add(key: string, item: T): void {
    this.#queueOf(key).push(item);
    this.#runNext(key);
  }

  addFirst(key: string, item: T): void {
    this.#queueOf(key).unshift(item);
    this.#runNext(key);
  }

  /** Starts the queue. `begin` starts an item, which runs until `end`; it returns false to skip the item. */
  start(begin: (item: T) => boolean): void {
    this.#begin = begin;
    for (const key of [...this.#waiting.keys()]) this.#runNext(key);
  }

  stop(): void {
    this.#begin = undefined;
  }

  /** Ends the item and runs the next one of this key. Does nothing if the item is not the running one. */
  end(key: string, item: T): void {
    if (this.#running.get(key) !== item) return;
    this.#running.delete(key);
    this.#runNext(key);
  }

  #queueOf(key: string): T[] {
    const queue = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, queue);
    return queue;
  }

  #runNext(key: string): void {
    while (this.#begin !== undefined && !this.#running.has(key)) {
      const queue = this.#waiting.get(key) ?? [];
      const item = queue.shift();
      if (queue.length === 0) this.#waiting.delete(key);
      if (item === undefined) return;
      this.#running.set(key, item);
      if (!this.#begin(item)) this.#running.delete(key);
    }
  }
}
