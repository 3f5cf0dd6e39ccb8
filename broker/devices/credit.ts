/** Counts how many messages a device accepts, and which it has received in this session and not reported. */
import { CREDIT_MAX, CREDIT_START } from '../../shared/protocol.ts';

export class Credit {
  #left = CREDIT_START;
  #unreported: Set<string> | undefined;

  get left(): number {
    return this.#left;
  }

  set(credit: number): void {
    this.#left = Math.max(0, credit);
  }

  /** Call after a hello. The device has only these messages, so each other one uses credit again. */
  restart(messageIds: Iterable<string>): void {
    this.#unreported = new Set(messageIds);
  }

  /** Call for each delivered message. A repeated delivery uses no credit. */
  use(messageId: string): void {
    this.#unreported ??= new Set();
    if (this.#unreported.has(messageId)) return;
    this.#unreported.add(messageId);
    this.#left = Math.max(0, this.#left - 1);
  }

  has(messageId: string): boolean {
    return this.#unreported?.has(messageId) ?? false;
  }

  reported(messageId: string): void {
    this.#unreported?.delete(messageId);
  }

  /** The device has neither the message nor the reduced credit. */
  refund(messageId: string): void {
    if (this.#unreported?.delete(messageId)) this.#left = Math.min(CREDIT_MAX, this.#left + 1);
  }
}
