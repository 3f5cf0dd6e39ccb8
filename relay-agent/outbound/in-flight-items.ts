/**
 * Holds the accepted messages and actions that are not settled. Recent items are polled at each change of chat.db, older
 * ones in small batches.
 */
import { type InFlightItem, idOf, isFinished } from './in-flight-item.ts';

export class InFlightItems {
  readonly #all = new Map<string, InFlightItem>();
  readonly #recent = new Set<InFlightItem>();
  /** Older items that are still to be polled in this round. */
  #round: InFlightItem[] = [];

  add(item: InFlightItem): void {
    this.#all.set(idOf(item), item);
    this.#recent.add(item);
  }

  remove(item: InFlightItem): void {
    this.#all.delete(idOf(item));
    this.#recent.delete(item);
  }

  /** Moves an item from the recent to the older ones. */
  age(item: InFlightItem): void {
    this.#recent.delete(item);
  }

  find(id: string): InFlightItem | undefined {
    return this.#all.get(id);
  }

  all(): InFlightItem[] {
    return [...this.#all.values()];
  }

  recent(): InFlightItem[] {
    return [...this.#recent];
  }

  /** Number of items that are neither sent nor failed. */
  get unfinishedCount(): number {
    return this.recent().filter((item) => !isFinished(item)).length;
  }

  /** Starts the next round over the older items, once the last round is complete. */
  startRound(): void {
    if (this.#round.length === 0) this.#round = this.all().filter((item) => !this.#recent.has(item));
  }

  /** Returns the next older items of the round. */
  nextOlder(limit: number): InFlightItem[] {
    return this.#round.splice(0, limit).filter((item) => this.#all.has(idOf(item)));
  }
}
