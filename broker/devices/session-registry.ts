/**
 * Registers the open sessions of this broker. A device has one active session; a newer one replaces it. One timer serves
 * all sessions: it closes silent sessions and sessions of revoked devices, and records when devices were last seen.
 */
import { type AnswerFrame, SILENCE_SECONDS } from '../../shared/protocol.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { ConnectedDevice, DeviceHealth } from '../core/model/device-health.ts';
import type { Device } from '../core/model/number.ts';
import type { Presence } from '../core/ports/numbers.ts';
import type { Store } from '../core/ports/store.ts';
import type { CloseReason, Transport, TransportKind } from './transport.ts';

/** The part of a session that the registry uses. */
export interface OpenSession extends DispatchTarget {
  readonly transport: Transport;
  readonly device: Device;
  readonly signsShortcuts: boolean;
  readonly capabilities: readonly string[];
  readonly health: DeviceHealth | undefined;
  readonly lastSeenAt: number;
  readonly heardAt: number;
  markSeen(): void;
  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined>;
}

const SEEN_WRITE_MS = 30_000;
const PRESENCE_BATCH = 500;

export class SessionRegistry {
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #monotonicNow: () => number;
  /** Every open session, including sessions whose hello has not arrived. */
  readonly #open = new Set<OpenSession>();
  readonly #activeByDevice = new Map<string, OpenSession>();
  /** Connects and disconnects that are not stored yet. One writer stores them, in order. */
  readonly #changed = new Map<string, Presence>();
  #seenWrittenAt = 0;
  #onChange: (tenantId: number) => void = () => {};

  constructor(options: { store: Store; dispatcher: Dispatcher; monotonicNow: () => number }) {
    this.#store = options.store;
    this.#dispatcher = options.dispatcher;
    this.#monotonicNow = options.monotonicNow;
  }

  /** Sets the listener for connects, disconnects and health reports of a tenant's devices. */
  onChange(listener: (tenantId: number) => void): void {
    this.#onChange = listener;
  }

  /** Call after a health report. */
  healthChanged({ device }: OpenSession): void {
    this.#onChange(device.tenantId);
  }

  get size(): number {
    return this.#activeByDevice.size;
  }

  countByTransport(): Map<TransportKind, number> {
    const counts = new Map<TransportKind, number>();
    for (const { transport } of this.#activeByDevice.values()) {
      counts.set(transport.kind, (counts.get(transport.kind) ?? 0) + 1);
    }
    return counts;
  }

  add(session: OpenSession): void {
    this.#open.add(session);
  }

  /** Call after the hello. Makes the session the active one of its device and closes the previous one. */
  activate(session: OpenSession): void {
    const older = this.#activeByDevice.get(session.deviceId);
    this.#activeByDevice.set(session.deviceId, session);
    this.#changed.set(session.deviceId, { lastSeenAt: session.lastSeenAt, isConnected: true });
    this.#onChange(session.device.tenantId);
    if (older !== undefined && older !== session) this.#close(older, 'replaced');
  }

  /** Call when the connection or the session was closed. */
  remove(session: OpenSession): void {
    this.#dispatcher.detach(session);
    if (!this.#open.delete(session)) return;
    if (this.#activeByDevice.get(session.deviceId) !== session) return;
    this.#activeByDevice.delete(session.deviceId);
    this.#changed.set(session.deviceId, { lastSeenAt: session.lastSeenAt, isConnected: false });
    this.#onChange(session.device.tenantId);
  }

  /** Finds a connected Mac of the account that signs shortcuts. */
  findSigningMac(tenantId: number): OpenSession | undefined {
    for (const session of this.#activeByDevice.values()) {
      if (session.signsShortcuts && session.device.tenantId === tenantId) return session;
    }
    return undefined;
  }

  lastSeenAt(deviceId: string): number | undefined {
    return this.#activeByDevice.get(deviceId)?.lastSeenAt;
  }

  /** Returns the state of a device that is connected here. */
  connected(deviceId: string): ConnectedDevice | undefined {
    const session = this.#activeByDevice.get(deviceId);
    if (session === undefined) return undefined;
    const { transport, lastSeenAt, capabilities, health = null } = session;
    return { transport: transport.kind, lastSeenAt, capabilities, health };
  }

  /** Closes the open sessions of a device whose token has become invalid: it was replaced or revoked. */
  closeDevice(deviceId: string): void {
    for (const session of [...this.#open]) {
      if (session.deviceId === deviceId) this.#close(session, 'revoked');
    }
  }

  /** Closes the sessions of devices that this or another process revoked. */
  async closeRevoked(): Promise<void> {
    for (const session of [...this.#open]) {
      const device = await this.#store.read.devices.find(session.deviceId);
      if (device === undefined || device.revokedAt !== null) this.#close(session, 'revoked');
    }
  }

  /** Pings devices, ends expired polls and closes silent sessions. Call several times a second. */
  keepAlive(): void {
    const now = this.#monotonicNow();
    const deadline = now - SILENCE_SECONDS * 1000;
    for (const session of this.#open) {
      if (session.transport.keepAlive(now)) session.markSeen();
      else if (session.heardAt < deadline) this.#close(session, 'silent');
    }
  }

  /** Stores which devices connected and disconnected, and every 30 s when the connected ones were last seen. */
  async writePresence(): Promise<void> {
    const now = this.#monotonicNow();
    if (now - this.#seenWrittenAt >= SEEN_WRITE_MS) {
      this.#seenWrittenAt = now;
      for (const { deviceId, lastSeenAt } of this.#activeByDevice.values()) {
        this.#changed.set(deviceId, { lastSeenAt, isConnected: true });
      }
    }
    const changed = [...this.#changed];
    this.#changed.clear();
    for (let start = 0; start < changed.length; start += PRESENCE_BATCH) {
      const batch = changed.slice(start, start + PRESENCE_BATCH);
      await this.#store.transaction((tx) => tx.devices.recordPresence(batch));
    }
  }

  /** Asks every device to reconnect after a delay, and closes its session. */
  closeAll(retryAfterSeconds: number): void {
    for (const session of [...this.#open]) {
      session.transport.send({ type: 'bye', reason: 'shutdown', retry_after_s: retryAfterSeconds });
      this.#close(session, 'shutdown');
    }
  }

  #close(session: OpenSession, reason: CloseReason): void {
    this.remove(session);
    session.transport.close(reason);
  }
}
