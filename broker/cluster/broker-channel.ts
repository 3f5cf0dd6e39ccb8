/**
 * Exchanges messages between the brokers on one database, as notifications of PostgreSQL.
 *
 * - Messages of some milliseconds share a notification, because the server serializes the commits of notifications.
 * - Equal messages are sent once.
 * - After lost notifications, the receivers get the message that anything may have changed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerMessage, BrokerMessageOf } from '../core/model/broker-message.ts';

const INTERVAL_MS = 5;
const RETRY_MS = 250;
/** The server rejects payloads of 8,000 bytes. */
const PAYLOAD_MAX_BYTES = 7_900;
const PENDING_MAX = 5_000;

type Listener = (message: BrokerMessage) => void;

export interface BrokerChannelOptions {
  brokerId: string;
  /** Sends each payload to all brokers. Rejects if the database is not reachable. */
  notify(payloads: readonly string[]): Promise<void>;
  onFault(error: unknown): void;
}

export class BrokerChannel {
  readonly #options: BrokerChannelOptions;
  readonly #listeners = new Map<BrokerMessage['kind'], Listener[]>();
  /** Messages as JSON. */
  #pending = new Set<string>();
  #isOverfull = false;
  #isFlushing = false;
  #isClosed = false;

  constructor(options: BrokerChannelOptions) {
    this.#options = options;
  }

  on<Kind extends BrokerMessage['kind']>(
    kind: Kind,
    listener: (message: BrokerMessageOf<Kind>) => void,
  ): void {
    const listeners = this.#listeners.get(kind) ?? [];
    this.#listeners.set(kind, [...listeners, listener as Listener]);
  }

  /** @throws Error if the message is longer than a notification may be */
  send(message: BrokerMessage): void {
    const json = JSON.stringify(message);
    if (json.length > PAYLOAD_MAX_BYTES / 4 && Buffer.byteLength(json) > PAYLOAD_MAX_BYTES - 100) {
      throw new Error(`A message of the kind ${message.kind} is too long for a notification.`);
    }
    if (this.#pending.size >= PENDING_MAX) this.#isOverfull = true;
    else this.#pending.add(json);
    if (!this.#isFlushing && !this.#isClosed) void this.#flush();
  }

  /** Call with each payload that was received. */
  receive(payload: string): void {
    const [sender, ...lines] = payload.split('\n');
    if (sender === this.#options.brokerId) return;
    for (const line of lines) {
      try {
        this.#dispatch(JSON.parse(line) as BrokerMessage);
      } catch (error) {
        this.#options.onFault(error);
      }
    }
  }

  /** Sends nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#pending.clear();
  }

  #dispatch(message: BrokerMessage): void {
    // A broker of a later version may send other kinds.
    for (const listener of this.#listeners.get(message.kind) ?? []) listener(message);
  }

  /** The first message is sent at once, the following ones together after the interval. */
  async #flush(): Promise<void> {
    this.#isFlushing = true;
    while ((this.#pending.size > 0 || this.#isOverfull) && !this.#isClosed) {
      // Messages of the same turn share the notification.
      await Promise.resolve();
      if (this.#isClosed) break;
      const lines = this.#isOverfull ? [JSON.stringify({ kind: 'anything' })] : [...this.#pending];
      this.#pending = new Set();
      this.#isOverfull = false;
      let wait = INTERVAL_MS;
      try {
        await this.#options.notify(payloads(this.#options.brokerId, lines));
      } catch {
        this.#isOverfull = true;
        wait = RETRY_MS;
      }
      await delay(wait);
    }
    this.#isFlushing = false;
  }
}

function payloads(brokerId: string, lines: readonly string[]): string[] {
  const result: string[] = [];
  let parts = [brokerId];
  let bytes = brokerId.length;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    if (bytes + size > PAYLOAD_MAX_BYTES && parts.length > 1) {
      result.push(parts.join('\n'));
      parts = [brokerId];
      bytes = brokerId.length;
    }
    parts.push(line);
    bytes += size;
  }
  result.push(parts.join('\n'));
  return result;
}
