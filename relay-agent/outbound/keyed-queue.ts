/** One at a time for each person, in the order in which they were put in; others go on meanwhile. */
export class KeyedQueue<T> {
  readonly #begin: (item: T) => boolean;
  readonly #waiting = new Map<string, T[]>();
  /** Whose turn it is, by person. */
  readonly #current = new Map<string, T>();
  #isRunning = false;

  /** `begin` starts what has its turn, until `end`; false: there is nothing left to do for it. */
  constructor(begin: (item: T) => boolean) {
    this.#begin = begin;
  }

  put(person: string, item: T): void {
    this.#queue(person).push(item);
    this.#next(person);
  }

  /** Ahead of all that wait. */
  putFirst(person: string, item: T): void {
    this.#queue(person).unshift(item);
    this.#next(person);
  }

  /** Nothing begins before. */
  start(): void {
    this.#isRunning = true;
    for (const person of [...this.#waiting.keys()]) this.#next(person);
  }

  stop(): void {
    this.#isRunning = false;
  }

  /** The next one to this person may go; of no effect where it was not this one's turn. */
  end(person: string, item: T): void {
    if (this.#current.get(person) !== item) return;
    this.#current.delete(person);
    this.#next(person);
  }

  #queue(person: string): T[] {
    const queue = this.#waiting.get(person) ?? [];
    this.#waiting.set(person, queue);
    return queue;
  }

  #next(person: string): void {
    while (this.#isRunning && !this.#current.has(person)) {
      const queue = this.#waiting.get(person) ?? [];
      const item = queue.shift();
      if (queue.length === 0) this.#waiting.delete(person);
      if (item === undefined) return;
      this.#current.set(person, item);
      if (!this.#begin(item)) this.#current.delete(person);
    }
  }
}
