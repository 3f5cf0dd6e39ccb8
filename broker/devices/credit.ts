/**
 * Counts how many messages a device accepts, and which it has received in this session and not reported.
 *
 * A grant of the device counts every message that the device has received before. So a message that ends without a report
 * frees its credit only if it was delivered after the latest grant.
 */
import { CREDIT_MAX, CREDIT_START } from '../../shared/protocol.ts';

export class Credit {
  #left = CREDIT_START;
  #unreported: Set<string> | undefined;
  /** The unreported messages that were delivered after the latest grant. */
  #charged: Set<string> | undefined;

  get left(): number {
    return this.#left;
  }

  /** `unseen`: number of delivered messages that the device had not received when it granted the credit. */
  set(credit: number, unseen = 0): void {
    this.#left = Math.max(0, credit - unseen);
    if (unseen === 0) this.#charged = undefined;
  }

  /** Call after a hello. The device has only these messages, so each other one uses credit again. */
  restart(messageIds: Iterable<string>): void {
    this.#unreported = new Set(messageIds);
    this.#charged = undefined;
  }

  /** Call for each delivered message. A repeated delivery uses no credit. */
  use(messageId: string): void {
    this.#unreported ??= new Set();
    if (this.#unreported.has(messageId)) return;
    this.#unreported.add(messageId);
    this.#charged ??= new Set();
    this.#charged.add(messageId);
    this.#left = Math.max(0, this.#left - 1);
  }

  has(messageId: string): boolean {
    return this.#unreported?.has(messageId) ?? false;
  }

  reported(messageId: string): void {
    this.#unreported?.delete(messageId);
    this.#charged?.delete(messageId);
  }

  /** The device has neither the message nor the reduced credit. */
  refund(messageId: string): void {
    this.#unreported?.delete(messageId);
    if (this.#charged?.delete(messageId)) this.#left = Math.min(CREDIT_MAX, this.#left + 1);
  }
}
