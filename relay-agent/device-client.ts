/**
 * Implements the device side of the relay protocol; an in-flight tracker decides how messages are sent.
 *
 * - Greets the broker, grants credit, accepts leased messages, and sends the frames of the outbox.
 * - Reconnects after each lost connection.
 * - Ends when it is stopped, when `once` messages are finished, or when the broker revoked or replaced the session.
 */
import {
  type ActItem,
  type BrokerFrame,
  type DeliverItem,
  type DeviceFrame,
  type HealthFrame,
  type InboundItem,
  PROTOCOL_VERSION,
  type ReportItem,
} from '../shared/protocol.ts';
import type { Outbox } from './transport/outbox.ts';
import {
  type Connection,
  type ConnectionEvent,
  keepConnected,
  type TemporaryReason,
} from './transport/reconnect.ts';
import type { After, Connect, TransportEvent } from './transport/transport.ts';

const HEALTH_MS = 60_000;
/** Maximum wait of `stop` for missing acknowledgements. */
const STOP_MAX_MS = 3_000;

export type DeviceEvent =
  | Extract<TransportEvent, { type: 'frame' | 'unusable' | 'trouble' }>
  | { type: 'sent'; frame: DeviceFrame }
  | { type: 'waiting'; reason: TemporaryReason; ms: number };

export type DeviceEnd = 'stopped' | 'done' | 'revoked' | 'replaced';

/** Sends the messages that the client accepts, and adds their reports to the outbox. */
export interface InFlightTracker {
  /** Number of accepted messages that are not settled; they use up the credit. */
  readonly inFlightCount: number;
  readonly settledCount: number;
  /** Number of settled messages whose reports are all acknowledged. */
  readonly finishedCount: number;
  /** Leases for the hello. */
  inFlightLeases(): string[];
  /** Calls the listener after each settled message, which frees credit. */
  onSettled(listener: () => void): void;
  take(item: DeliverItem): void;
  /** Carries out an action. */
  act(item: ActItem): void;
  cancel(request: { message: string; lease: string }): void;
  cancelAction(request: { action: string; lease: string }): void;
  acknowledged(items: readonly ReportItem[]): void;
  stop(): void;
}

export interface DeviceClientOptions {
  connect: Connect;
  outbox: Outbox;
  tracker: InFlightTracker;
  onInboundAcknowledged(items: readonly InboundItem[]): void;
  /** Handles a request of the broker; resolves to the fields of the `answer` frame. Undefined: unsupported. */
  onRequest?: (request: Extract<BrokerFrame, { type: 'request' }>) => Promise<object> | undefined;
  /** Handles a typing indicator or a read receipt to send. Undefined: the device sends none. */
  onSignal?: (signal: Extract<BrokerFrame, { type: 'signal' }>) => void;
  /** Additional fields of a health report. */
  health?: () => Partial<HealthFrame>;
  /** Returns the capabilities at this moment. */
  capabilities(): readonly string[];
  agent: string;
  platform: string;
  numbers: readonly string[];
  /** Maximum number of in-flight messages. */
  credit: number;
  /** Number of finished messages after which the client ends as `done`. */
  once?: number | undefined;
  on(event: DeviceEvent): void;
  after: After;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  random: () => number;
}

export class DeviceClient {
  /** Resolves when the connection is closed and the tracker stopped. */
  readonly ended: Promise<DeviceEnd>;
  readonly #options: DeviceClientOptions;
  readonly #connection: Connection;
  readonly #resolveEnded: (end: DeviceEnd) => void;
  #isGreeted = false;
  /** Number of messages that the broker may still deliver. */
  #granted = 0;
  #isGrantScheduled = false;
  #stop: { end: DeviceEnd; cancel: () => void } | undefined;
  #cancelHealth = () => {};

  constructor(options: DeviceClientOptions) {
    this.#options = options;
    const { connect, tracker, after, monotonicNow, random } = options;
    const { promise, resolve } = Promise.withResolvers<DeviceEnd>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    tracker.onSettled(() => this.#grantCreditSoon());
    this.#connection = keepConnected({
      connect,
      after,
      random,
      monotonicNow,
      on: (event) => this.#on(event),
    });
  }

  /** Accepts no more messages, waits up to 3 s for missing acknowledgements, and disconnects. */
  stop(end: DeviceEnd = 'stopped'): void {
    if (this.#stop !== undefined) return;
    this.#stop = { end, cancel: this.#options.after(STOP_MAX_MS, () => this.#connection.stop()) };
    if (this.#isGreeted && this.#granted > 0) this.#send({ type: 'credit', n: 0 });
    this.#leaveIfDone();
  }

  /** Reports the health at once. Call after a change; without a connection, the next session reports it. */
  reportHealth(): void {
    if (this.#isGreeted) this.#sendHealth();
  }

  /** Replaces a connection that may have broken silently. */
  renew(problem: string): void {
    if (this.#stop === undefined) this.#connection.renew(problem);
  }

  #on(event: ConnectionEvent): void {
    switch (event.type) {
      case 'open':
        this.#greet();
        return;
      case 'frame':
        this.#options.on(event);
        this.#handleFrame(event.frame);
        return;
      case 'unusable':
      case 'trouble':
        this.#options.on(event);
        return;
      case 'waiting':
        this.#disconnected();
        this.#options.on(event);
        this.#leaveIfDone();
        return;
      case 'ended':
        this.#disconnected();
        this.#options.tracker.stop();
        this.#stop?.cancel();
        this.#resolveEnded(
          event.reason.kind === 'stopped' ? (this.#stop?.end ?? 'stopped') : event.reason.kind,
        );
        return;
    }
  }

  #greet(): void {
    const { agent, platform, numbers, tracker } = this.#options;
    this.#granted = this.#freeCredit();
    this.#send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      agent,
      platform,
      numbers: [...numbers],
      capabilities: [...this.#options.capabilities()],
      credit: this.#granted,
      resume: { open: tracker.inFlightLeases() },
    });
  }

  #handleFrame(frame: BrokerFrame): void {
    const { tracker, outbox } = this.#options;
    switch (frame.type) {
      case 'welcome':
        this.#isGreeted = true;
        outbox.connected((sent) => this.#send(sent));
        // The dashboard shows the state of a Mac at once.
        if (this.#options.health !== undefined) this.#sendHealth();
        this.#scheduleHealth();
        this.#grantCreditSoon();
        return;
      case 'deliver':
        this.#useCredit(frame.items.length);
        for (const item of frame.items) tracker.take(item);
        return;
      case 'ack':
        this.#handleAck(frame);
        return;
      case 'cancel':
        if (frame.message !== undefined) tracker.cancel({ message: frame.message, lease: frame.lease });
        if (frame.action !== undefined) tracker.cancelAction({ action: frame.action, lease: frame.lease });
        return;
      case 'act':
        this.#useCredit(frame.items.length);
        for (const item of frame.items) tracker.act(item);
        return;
      case 'request':
        void this.#respond(frame);
        return;
      case 'signal':
        this.#options.onSignal?.(frame);
        return;
      case 'bye':
      case 'error':
        return;
    }
  }

  #handleAck({ of, seq }: Extract<BrokerFrame, { type: 'ack' }>): void {
    const { tracker, outbox, once = Number.POSITIVE_INFINITY } = this.#options;
    const acknowledged = outbox.acknowledged(of, seq);
    if (acknowledged?.type === 'report') tracker.acknowledged(acknowledged.items);
    if (acknowledged?.type === 'inbound') this.#options.onInboundAcknowledged(acknowledged.items);
    if (tracker.finishedCount >= once) this.stop('done');
    this.#leaveIfDone();
  }

  async #respond(request: Extract<BrokerFrame, { type: 'request' }>): Promise<void> {
    const unsupported = {
      error: { code: 'unsupported', message: `This device does not support the operation ${request.op}.` },
    };
    const fields = (await this.#options.onRequest?.(request)) ?? unsupported;
    this.#send({ type: 'answer', id: request.id, ...fields });
  }

  #freeCredit(): number {
    const { tracker, credit, once = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#stop !== undefined) return 0;
    return Math.max(0, Math.min(credit, once - tracker.settledCount) - tracker.inFlightCount);
  }

  /**
   * Grants new credit after the broker used up the last grant. A `credit` frame does not include deliveries that are on
   * their way, so an earlier grant would count them twice. Each health report resets the grant, which recovers the credit
   * of lost deliveries.
   */
  #grantCreditSoon(): void {
    if (this.#isGrantScheduled) return;
    this.#isGrantScheduled = true;
    // Runs after the reports of the same task.
    queueMicrotask(() => {
      this.#isGrantScheduled = false;
      const free = this.#freeCredit();
      if (!this.#isGreeted || this.#granted > 0 || free === 0) return;
      this.#granted = free;
      this.#send({ type: 'credit', n: free });
    });
  }

  #useCredit(items: number): void {
    this.#granted = Math.max(0, this.#granted - items);
    this.#grantCreditSoon();
  }

  #scheduleHealth(): void {
    this.#cancelHealth();
    this.#cancelHealth = this.#options.after(HEALTH_MS, () => {
      this.#sendHealth();
      this.#scheduleHealth();
      this.#granted = 0;
      this.#grantCreditSoon();
    });
  }

  #sendHealth(): void {
    const { outbox, now, platform, health } = this.#options;
    this.#send({
      os: platform,
      ...health?.(),
      type: 'health',
      capabilities: [...this.#options.capabilities()],
      queue: outbox.size,
      clock: new Date(now()).toISOString(),
    });
  }

  #leaveIfDone(): void {
    if (this.#stop === undefined) return;
    if (!this.#isGreeted || this.#options.outbox.size === 0) this.#connection.stop();
  }

  #disconnected(): void {
    this.#isGreeted = false;
    this.#options.outbox.disconnected();
    this.#cancelHealth();
  }

  #send(frame: DeviceFrame): void {
    this.#options.on({ type: 'sent', frame });
    this.#connection.send(frame);
  }
}
