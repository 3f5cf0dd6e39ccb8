/**
 * The sessions that are open at this broker: one a device, a newer one replaces the older. One sweep for all
 * of them, no timers of their own: it drops the silent, writes down who was seen, and closes revoked devices.
 */
import { type AnswerFrame, SILENCE_SECONDS } from '../../shared/protocol.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Device } from '../core/model/number.ts';
import type { Store } from '../core/ports/store.ts';
import type { CloseReason, Transport, TransportKind } from './transport.ts';

/** What the registry needs of a session. */
export interface OpenSession extends DispatchTarget {
  readonly transport: Transport;
  readonly device: Device;
  readonly signsShortcuts: boolean;
  lastSeenAt: number;
  ask(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined>;
}

const SEEN_WRITE_MS = 30_000;
const SEEN_BATCH = 500;

export class SessionRegistry {
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;
  /** Every open session, also those that have not said hello yet. */
  readonly #open = new Set<OpenSession>();
  readonly #byDevice = new Map<string, OpenSession>();
  readonly #seen = new Map<string, number>();
  #seenWrittenAt = 0;

  constructor(options: { store: Store; dispatcher: Dispatcher; now: () => number }) {
    this.#store = options.store;
    this.#dispatcher = options.dispatcher;
    this.#now = options.now;
  }

  get size(): number {
    return this.#byDevice.size;
  }

  /** How many devices have said hello, by how they are connected. */
  countByCarrier(): Map<TransportKind, number> {
    const counts = new Map<TransportKind, number>();
    for (const { transport } of this.#byDevice.values()) {
      counts.set(transport.kind, (counts.get(transport.kind) ?? 0) + 1);
    }
    return counts;
  }

  opened(session: OpenSession): void {
    this.#open.add(session);
  }

  /** The session said hello: from now on it is the device's one session. */
  greeted(session: OpenSession): void {
    const older = this.#byDevice.get(session.deviceId);
    this.#byDevice.set(session.deviceId, session);
    this.#seen.set(session.deviceId, session.lastSeenAt);
    if (older !== undefined && older !== session) this.#end(older, 'replaced');
  }

  /** The connection is gone, or the session was closed. */
  ended(session: OpenSession): void {
    this.#dispatcher.detach(session);
    if (!this.#open.delete(session)) return;
    if (this.#byDevice.get(session.deviceId) === session) this.#byDevice.delete(session.deviceId);
    this.#seen.set(session.deviceId, session.lastSeenAt);
  }

  /** A connected Mac of the account that signs shortcuts. */
  signer(tenantId: number): OpenSession | undefined {
    for (const session of this.#byDevice.values()) {
      if (session.signsShortcuts && session.device.tenantId === tenantId) return session;
    }
    return undefined;
  }

  lastSeenAt(deviceId: string): number | undefined {
    return this.#byDevice.get(deviceId)?.lastSeenAt;
  }

  /** The device has another token from now on: who holds the old one is nobody. */
  tokenReplaced(deviceId: string): void {
    for (const session of [...this.#open]) {
      if (session.deviceId === deviceId) this.#end(session, 'revoked');
    }
  }

  /** Closes the sessions of devices that were revoked, by whichever process. */
  async closeRevoked(): Promise<void> {
    for (const session of [...this.#open]) {
      const device = await this.#store.read.devices.find(session.deviceId);
      if (device === undefined || device.revokedAt !== null) this.#end(session, 'revoked');
    }
  }

  /** Pings, answers held polls whose time is over, and drops the silent; call several times a second. */
  keepAlive(): void {
    const now = this.#now();
    const deadline = now - SILENCE_SECONDS * 1000;
    for (const session of this.#open) {
      if (session.transport.keepAlive(now)) session.lastSeenAt = now;
      else if (session.lastSeenAt < deadline) this.#end(session, 'silent');
    }
  }

  /** Writes `last_seen_at` of everybody heard since the last time, at most every 30 s unless it is the end. */
  async writeSeen(isEnd = false): Promise<void> {
    const now = this.#now();
    if (!isEnd && now - this.#seenWrittenAt < SEEN_WRITE_MS) return;
    this.#seenWrittenAt = now;
    for (const session of this.#byDevice.values()) this.#seen.set(session.deviceId, session.lastSeenAt);
    const seen = [...this.#seen];
    this.#seen.clear();
    for (let start = 0; start < seen.length; start += SEEN_BATCH) {
      await this.#store.transaction((tx) => tx.devices.touch(seen.slice(start, start + SEEN_BATCH)));
    }
  }

  /** Tells every device to come back later, and lets go of it. */
  closeAll(retryAfterSeconds: number): void {
    for (const session of [...this.#open]) {
      session.transport.send({ type: 'bye', reason: 'shutdown', retry_after_s: retryAfterSeconds });
      this.#end(session, 'shutdown');
    }
  }

  #end(session: OpenSession, reason: CloseReason): void {
    this.ended(session);
    session.transport.close(reason);
  }
}
