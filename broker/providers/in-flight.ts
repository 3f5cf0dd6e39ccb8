/** Counts the leased messages of a provider that have not ended, by number and by recipient. */
import type { Message } from '../core/model/message.ts';

type Addresses = Pick<Message, 'numberId' | 'handle'>;

export class InFlight {
  /** Messages by number id and recipient. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #ofNumber = new Map<string, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(message: Addresses): void {
    this.#change(message, 1);
  }

  remove(message: Addresses): void {
    this.#change(message, -1);
  }

  count(numberId: string, handle?: string): number {
    if (handle === undefined) return this.#ofNumber.get(numberId) ?? 0;
    return this.#counts.get(numberId)?.get(handle) ?? 0;
  }

  /** Returns the recipients of the number with at least `limit` messages. */
  recipientsWith(numberId: string, limit: number): string[] {
    return [...(this.#counts.get(numberId) ?? [])]
      .filter(([, count]) => count >= limit)
      .map(([handle]) => handle);
  }

  #change({ numberId, handle }: Addresses, by: 1 | -1): void {
    this.#size += by;
    const recipients = this.#counts.get(numberId) ?? new Map<string, number>();
    this.#counts.set(numberId, recipients);
    setOrDelete(recipients, handle, this.count(numberId, handle) + by);
    setOrDelete(this.#ofNumber, numberId, this.count(numberId) + by);
    if (recipients.size === 0) this.#counts.delete(numberId);
  }
}

function setOrDelete(counts: Map<string, number>, key: string, count: number): void {
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
