/**
 * Holds the accepted messages that are not settled. Recent messages are polled at each change of chat.db, older
 * ones in small batches.
 */
import { type InFlightMessage, isFinished } from './in-flight-message.ts';

export class InFlightMessages {
  readonly #all = new Map<string, InFlightMessage>();
  readonly #recent = new Set<InFlightMessage>();
  /** Older messages that are still to be polled in this round. */
  #round: InFlightMessage[] = [];

  add(message: InFlightMessage): void {
    this.#all.set(message.item.message, message);
    this.#recent.add(message);
  }

  remove(message: InFlightMessage): void {
    this.#all.delete(message.item.message);
    this.#recent.delete(message);
  }

  /** Moves a message from the recent to the older ones. */
  age(message: InFlightMessage): void {
    this.#recent.delete(message);
  }

  find(id: string): InFlightMessage | undefined {
    return this.#all.get(id);
  }

  all(): InFlightMessage[] {
    return [...this.#all.values()];
  }

  recent(): InFlightMessage[] {
    return [...this.#recent];
  }

  /** Number of messages that are neither sent nor failed. */
  get unfinishedCount(): number {
    return this.recent().filter((message) => !isFinished(message)).length;
  }

  /** Starts the next round over the older messages, once the last round is complete. */
  startRound(): void {
    if (this.#round.length === 0) this.#round = this.all().filter((message) => !this.#recent.has(message));
  }

  /** Returns the next older messages of the round. */
  nextOlder(limit: number): InFlightMessage[] {
    return this.#round.splice(0, limit).filter(({ item }) => this.#all.has(item.message));
  }
}
