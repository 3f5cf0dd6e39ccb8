/** Gathers counters and items within a transaction, by the text of the statement that writes them. */
import type { Value } from './database.ts';

interface Counter {
  key: readonly Value[];
  by: number;
}

export class Gathered {
  /** By statement text, then by key. */
  readonly #counters = new Map<string, Map<string, Counter>>();
  /** By statement text. */
  readonly #items = new Map<string, Set<string>>();

  /** Adds 1 to a counter. */
  count(sql: string, key: readonly Value[]): void {
    let counters = this.#counters.get(sql);
    if (counters === undefined) {
      counters = new Map();
      this.#counters.set(sql, counters);
    }
    const name = key.join(' ');
    const counter = counters.get(name);
    if (counter === undefined) counters.set(name, { key, by: 1 });
    else counter.by += 1;
  }

  add(sql: string, item: string): void {
    let items = this.#items.get(sql);
    if (items === undefined) {
      items = new Set();
      this.#items.set(sql, items);
    }
    items.add(item);
  }

  /** Passes the counters of each statement, and the lines of each statement, to the functions. Then nothing is gathered. */
  take(
    writeCounters: (sql: string, counters: Iterable<Counter>) => void,
    writeLines: (sql: string, lines: string) => void,
  ): void {
    for (const [sql, counters] of this.#counters) {
      if (counters.size > 0) writeCounters(sql, counters.values());
      counters.clear();
    }
    for (const [sql, items] of this.#items) {
      if (items.size > 0) writeLines(sql, [...items].join('\n'));
      items.clear();
    }
  }

  clear(): void {
    for (const counters of this.#counters.values()) counters.clear();
    for (const items of this.#items.values()) items.clear();
  }
}
