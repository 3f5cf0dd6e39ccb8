/**
 * Registers the open sessions of this broker. A newer session of a device, at any broker, replaces the earlier one. One
 * timer serves all sessions: it closes silent sessions, and records when devices were last seen.
 *
 * The database names the latest session of each device. Other sessions get no message. The notifications of other brokers
 * only close them earlier.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Capability } from '../../shared/capabilities.ts';
import { type AnswerFrame, type BrokerFrame, SILENCE_SECONDS } from '../../shared/protocol.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';

import type {
  ConnectedDevice,
  DeviceHealth,
  DeviceWithSession,
  TransportKind,
} from '../core/model/device-health.ts';
import type { Device, OwnNumber } from '../core/model/number.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Presence } from '../core/ports/device-sessions.ts';
import type { Store } from '../core/ports/store.ts';
import type { DeviceEvents } from './device-events.ts';
import type { CloseReason, Transport } from './transport.ts';

/** The part of a session that the registry uses. */
export interface OpenSession extends DispatchTarget {
  readonly transport: Transport;
  readonly device: Device;
  readonly numbers: readonly OwnNumber[];
  /** Of the token with which the device authenticated. */
  readonly tokenHash: string;
  readonly signsShortcuts: boolean;
  readonly capabilities: readonly string[];
  readonly health: DeviceHealth | undefined;
  readonly lastSeenAt: number;
  readonly heardAt: number;
  markSeen(): void;
  send(frame: BrokerFrame): void;
  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined>;
}

/** The state of a device before its hello. */
export interface StateBeforeHello {
  /** Broker of the session that this one replaced; null: the device was not connected. */
  earlierBrokerId: string | null;
  /** The latest health report of a device whose latest event was `device.online`. */
  knownHealth: DeviceHealth | null;
}

/** Sessions that are closed in one turn of the event loop when the broker stops. */
const CLOSE_STEP = 100;
const CLOSE_PAUSE_MAX_MS = 50;
/** Time until a stopped broker serves again, if no other one runs. */
const RESTART_MS = 1_000;
const RECONNECT_SPREAD_MS = 2_000;
const SEEN_WRITE_MS = 30_000;
const PRESENCE_BATCH = 500;
/** Devices of one query. */
const LATEST_BATCH = 500;

export class SessionRegistry {
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #cluster: Cluster;
  readonly #monotonicNow: () => number;
  /** Every open session, including sessions whose hello has not arrived. */
  readonly #open = new Set<OpenSession>();
  readonly #activeByDevice = new Map<string, OpenSession>();
  readonly #activeByNumber = new Map<string, Set<OpenSession>>();
  /** Disconnects and health reports that are not stored yet. One writer stores them, in order. */
  readonly #changed = new Map<string, Presence>();
  #seenWrittenAt = 0;
  readonly #events: DeviceEvents;
  #onChange: (tenantId: number) => void = () => {};
  #isStopping = false;
  /** Closes a session that begins while the broker stops. */
  #closeNew: ((session: OpenSession) => void) | undefined;

  constructor(options: {
    store: Store;
    dispatcher: Dispatcher;
    cluster: Cluster;
    events: DeviceEvents;
    monotonicNow: () => number;
    onFault: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#dispatcher = options.dispatcher;
    this.#events = options.events;
    this.#monotonicNow = options.monotonicNow;
    this.#cluster = options.cluster;
    options.cluster.onMessage('session', ({ deviceId }) => {
      const session = this.#activeByDevice.get(deviceId);
      if (session !== undefined) this.#closeUnlessLatest([session]).catch(options.onFault);
    });
  }

  /** Sets the listener for connects, disconnects and health reports of a tenant's devices. */
  onChange(listener: (tenantId: number) => void): void {
    this.#onChange = listener;
  }

  /** Call after a health report. */
  healthChanged(session: OpenSession): void {
    const { device, health } = session;
    if (health === undefined || !this.isOpen(session)) return;
    this.#markChanged(session, { health });
    this.#events.healthReported(device.id, health);
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

  isOpen(session: OpenSession): boolean {
    return this.#open.has(session);
  }

  /** Call after the hello was stored. Makes the session the active one of its device and closes the previous one. */
  activate(session: OpenSession, { earlierBrokerId, knownHealth }: StateBeforeHello): void {
    if (earlierBrokerId !== null && earlierBrokerId !== this.#cluster.brokerId) {
      this.#cluster.send({ kind: 'session', deviceId: session.deviceId });
    }
    if (!this.isOpen(session)) {
      // The connection was closed during the transaction.
      this.#markChanged(session, { brokerId: null });
      return;
    }
    const older = this.#activeByDevice.get(session.deviceId);
    this.#activeByDevice.set(session.deviceId, session);
    for (const numberId of session.numberIds ?? []) {
      const active = this.#activeByNumber.get(numberId) ?? new Set();
      this.#activeByNumber.set(numberId, active.add(session));
    }
    if (session.transport.kind !== 'shortcut') this.#events.connected(session.deviceId, knownHealth);
    this.#onChange(session.device.tenantId);
    if (older !== undefined && older !== session) this.close(older, 'replaced');
    this.#closeNew?.(session);
  }

  /** Call when the connection or the session was closed. */
  remove(session: OpenSession): void {
    this.#dispatcher.detach(session);
    if (!this.#open.delete(session)) return;
    for (const numberId of session.numberIds ?? []) {
      const active = this.#activeByNumber.get(numberId);
      if (active?.delete(session) && active.size === 0) this.#activeByNumber.delete(numberId);
    }
    if (this.#activeByDevice.get(session.deviceId) !== session) return;
    this.#activeByDevice.delete(session.deviceId);
    this.#markChanged(session, { brokerId: null });
    // After the stop, the other brokers or the next one expect the device.
    if (!this.#isStopping) this.#events.disconnected(session.deviceId);
    this.#onChange(session.device.tenantId);
  }

  /** Returns the active session of a device that is connected here. */
  activeOf(deviceId: string): OpenSession | undefined {
    return this.#activeByDevice.get(deviceId);
  }

  /** Finds a connected Mac of the account that signs shortcuts. */
  findSigningMac(tenantId: number): OpenSession | undefined {
    for (const session of this.#activeByDevice.values()) {
      if (session.signsShortcuts && session.device.tenantId === tenantId) return session;
    }
    return undefined;
  }

  /** Finds a connected device of the number with the capability, to which a frame can be written now. */
  findCapable(numberId: string, capability: Capability): OpenSession | undefined {
    for (const session of this.#activeByNumber.get(numberId) ?? []) {
      if (session.capabilities.includes(capability) && session.isReady()) return session;
    }
    return undefined;
  }

  lastSeenAt(deviceId: string): number | undefined {
    return this.#activeByDevice.get(deviceId)?.lastSeenAt;
  }

  /** Returns the state of a device that is connected to this or another broker. */
  connected({ id, lastSeenAt, session }: DeviceWithSession): ConnectedDevice | undefined {
    const here = this.#activeByDevice.get(id);
    if (here !== undefined) {
      const { transport, lastSeenAt, capabilities, health = null } = here;
      return { transport: transport.kind, lastSeenAt, capabilities, health };
    }
    const { brokerId, transport, capabilities, health } = session;
    const isElsewhere = brokerId !== null && brokerId !== this.#cluster.brokerId;
    if (!isElsewhere || transport === null || lastSeenAt === null) return undefined;
    return { transport, lastSeenAt, capabilities: capabilities ?? [], health };
  }

  /** Closes the open sessions of a device whose token has become invalid: it was replaced or revoked. */
  closeDevice(deviceId: string): void {
    for (const session of [...this.#open]) {
      if (session.deviceId === deviceId) this.close(session, 'revoked');
    }
    this.#cluster.send({ kind: 'session', deviceId });
  }

  /** Closes the sessions of devices that have a newer session at another broker, or that any process revoked. */
  async closeReplaced(): Promise<void> {
    const active = [...this.#activeByDevice.values()];
    for (let start = 0; start < active.length; start += LATEST_BATCH) {
      await this.#closeUnlessLatest(active.slice(start, start + LATEST_BATCH));
    }
  }

  async #closeUnlessLatest(sessions: readonly OpenSession[]): Promise<void> {
    const latest = await this.#store.read.deviceSessions.latest(sessions.map(({ deviceId }) => deviceId));
    for (const session of sessions) {
      const sessionId = latest.get(session.deviceId) ?? null;
      if (sessionId === session.sessionId || !this.isOpen(session)) continue;
      this.close(session, sessionId === null ? 'revoked' : 'replaced');
    }
  }

  /** Pings devices, ends expired polls and closes silent sessions. Call several times a second. */
  keepAlive(): void {
    const now = this.#monotonicNow();
    const deadline = now - SILENCE_SECONDS * 1000;
    for (const session of this.#open) {
      if (session.transport.keepAlive(now)) session.markSeen();
      else if (session.heardAt < deadline) this.close(session, 'silent');
    }
  }

  /** Stores disconnects and health reports, and every 30 s when the connected devices were last seen. */
  async writePresence(): Promise<void> {
    const now = this.#monotonicNow();
    if (now - this.#seenWrittenAt >= SEEN_WRITE_MS) {
      this.#seenWrittenAt = now;
      for (const session of this.#activeByDevice.values()) this.#markChanged(session);
    }
    while (this.#changed.size > 0) {
      const batch = [...this.#changed].slice(0, PRESENCE_BATCH);
      await this.#store.transaction((tx) => tx.deviceSessions.recordPresence(batch));
      for (const [deviceId, presence] of batch) {
        // A later change is stored next.
        if (this.#changed.get(deviceId) === presence) this.#changed.delete(deviceId);
      }
    }
  }

  #markChanged({ deviceId, sessionId, lastSeenAt }: OpenSession, change: Partial<Presence> = {}): void {
    const earlier = this.#changed.get(deviceId);
    const health = earlier?.sessionId === sessionId ? earlier.health : undefined;
    const { brokerId } = this.#cluster;
    this.#changed.set(deviceId, { ...{ sessionId, lastSeenAt, brokerId, health }, ...change });
  }

  /**
   * Asks every device to reconnect after a random delay, to another broker if one runs, and closes its session. Many
   * sessions are closed in steps, so that their devices do not reconnect at the same moment. Also closes the sessions that
   * begin later.
   */
  async closeAll(withinMs: number, random: () => number): Promise<void> {
    this.#isStopping = true;
    const steps = Math.ceil(this.#open.size / CLOSE_STEP);
    const pauseMs = Math.min(CLOSE_PAUSE_MAX_MS, withinMs / Math.max(1, steps));
    const sayBye = (session: OpenSession) => {
      const delayMs = (this.#cluster.hasPeers() ? 0 : RESTART_MS) + random() * RECONNECT_SPREAD_MS;
      const seconds = Math.round(delayMs / 10) / 100;
      session.transport.send({ type: 'bye', reason: 'shutdown', retry_after_s: seconds });
      this.close(session, 'shutdown');
    };
    for (let step = 0; step < steps; step += 1) {
      if (step > 0) await delay(pauseMs);
      for (const session of [...this.#open].slice(0, CLOSE_STEP)) sayBye(session);
    }
    for (const session of this.#open) sayBye(session);
    this.#closeNew = sayBye;
  }

  close(session: OpenSession, reason: CloseReason): void {
    this.remove(session);
    session.transport.close(reason);
  }
}
