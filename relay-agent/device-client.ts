/**
 * A device's side of the protocol, whatever it does with messages: it says hello, holds at most its credit,
 * tells the broker what its tracker of messages has to tell, reconnects by itself, and ends when it is stopped,
 * has done what it was asked for, or may not come back (revoked, replaced).
 */
import {
  type BrokerFrame,
  type DeliverItem,
  type DeviceFrame,
  type InboundItem,
  PROTOCOL_VERSION,
  type ReportItem,
} from '../shared/protocol.ts';
import { Outbox } from './transport/outbox.ts';
import {
  type Connection,
  type ConnectionEvent,
  keepConnected,
  type TemporaryReason,
} from './transport/reconnect.ts';
import type { After, Connect, TransportEvent } from './transport/transport.ts';

const HEALTH_MS = 60_000;
/** A stop waits this long for the acknowledgements that are missing. */
const STOP_MAX_MS = 3_000;

export type DeviceEvent =
  | Extract<TransportEvent, { type: 'frame' | 'unusable' | 'trouble' }>
  | { type: 'sent'; frame: DeviceFrame }
  | { type: 'waiting'; reason: TemporaryReason; ms: number };

export type DeviceEnd = 'stopped' | 'done' | 'revoked' | 'replaced';

/** What becomes of messages: handed over by `take`, reported through the outbox that `createTracker` was given. */
export interface InFlightTracker {
  /** Taken and not settled: what counts against the credit. */
  readonly inFlightCount: number;
  readonly settledCount: number;
  /** Settled, and every report acknowledged. */
  readonly finishedCount: number;
  /** What a hello says is still held here. */
  inFlightLeases(): string[];
  take(item: DeliverItem): void;
  cancel(asked: { message: string; lease: string }): void;
  acknowledged(items: readonly ReportItem[]): void;
  stop(): void;
}

export interface TrackerContext {
  outbox: Outbox;
  /** A message was settled, so there may be room for another. */
  onSettled(): void;
}

export interface DeviceClientOptions<Tracker extends InFlightTracker> {
  connect: Connect;
  createTracker(context: TrackerContext): Tracker;
  onInboundAcknowledged(items: readonly InboundItem[]): void;
  /** What it does when the broker asks for it: the fields of the answer. Undefined: it does no such thing. */
  onRequest?: (request: Extract<BrokerFrame, { type: 'request' }>) => Promise<object> | undefined;
  /** What a health report says beside the queue and the clock. */
  health?: () => Record<string, boolean>;
  capabilities: readonly string[];
  agent: string;
  platform: string;
  numbers: readonly string[];
  /** How many messages it holds at most. */
  credit: number;
  /** Ends as `done` when this many messages are settled and acknowledged. */
  once?: number | undefined;
  on(event: DeviceEvent): void;
  after: After;
  now: () => number;
  /** Milliseconds that nobody sets. */
  monotonicNow: () => number;
  random: () => number;
}

export class DeviceClient<Tracker extends InFlightTracker> {
  readonly tracker: Tracker;
  /** Settles once, when nothing of it is left running. */
  readonly ended: Promise<DeviceEnd>;
  readonly #options: DeviceClientOptions<Tracker>;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  #resolveEnded!: (end: DeviceEnd) => void;
  #isGreeted = false;
  /** What the broker may still hand over, as far as it was told. */
  #granted = 0;
  #isToppingUp = false;
  #stop: { end: DeviceEnd; cancel: () => void } | undefined;
  #cancelHealth = () => {};

  constructor(options: DeviceClientOptions<Tracker>) {
    this.#options = options;
    const { connect, after, monotonicNow, random } = options;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#outbox = new Outbox({
      after,
      send: (frame) => this.#send(frame),
      onAcknowledged: (frame) => {
        if (frame.type === 'report') this.tracker.acknowledged(frame.items);
        else options.onInboundAcknowledged(frame.items);
      },
    });
    this.tracker = options.createTracker({ outbox: this.#outbox, onSettled: () => this.#topUpSoon() });
    this.#connection = keepConnected({
      connect,
      after,
      random,
      monotonicNow,
      on: (event) => this.#on(event),
    });
  }

  /** Takes nothing more, waits a little for what is not acknowledged, and leaves. */
  stop(end: DeviceEnd = 'stopped'): void {
    if (this.#stop !== undefined) return;
    this.#stop = { end, cancel: this.#options.after(STOP_MAX_MS, () => this.#connection.stop()) };
    if (this.#isGreeted && this.#granted > 0) this.#send({ type: 'credit', n: 0 });
    this.#leaveIfDone();
  }

  /** The connection may be dead without having said so: begins another one now. */
  renew(why: string): void {
    if (this.#stop === undefined) this.#connection.renew(why);
  }

  #on(event: ConnectionEvent): void {
    switch (event.type) {
      case 'open':
        this.#greet();
        return;
      case 'frame':
        this.#options.on(event);
        this.#read(event.frame);
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
        this.tracker.stop();
        this.#stop?.cancel();
        this.#resolveEnded(
          event.reason.kind === 'stopped' ? (this.#stop?.end ?? 'stopped') : event.reason.kind,
        );
        return;
    }
  }

  #greet(): void {
    const { agent, platform, numbers, capabilities } = this.#options;
    this.#granted = this.#room();
    this.#send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      agent,
      platform,
      numbers: [...numbers],
      capabilities: [...capabilities],
      credit: this.#granted,
      resume: { open: this.tracker.inFlightLeases() },
    });
  }

  #read(frame: BrokerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#isGreeted = true;
        this.#outbox.connected();
        this.#reportHealthLater();
        this.#topUpSoon();
        return;
      case 'deliver':
        this.#granted = Math.max(0, this.#granted - frame.items.length);
        for (const item of frame.items) this.tracker.take(item);
        this.#topUpSoon();
        return;
      case 'ack':
        this.#outbox.acknowledged(frame.of, frame.seq);
        if (this.tracker.finishedCount >= (this.#options.once ?? Number.POSITIVE_INFINITY)) this.stop('done');
        this.#leaveIfDone();
        return;
      case 'cancel':
        this.tracker.cancel(frame);
        return;
      case 'request':
        void this.#answer(frame);
        return;
      case 'bye':
      case 'error':
        return;
    }
  }

  async #answer(request: Extract<BrokerFrame, { type: 'request' }>): Promise<void> {
    const unsupported = { error: { code: 'unsupported', message: `This device does no ${request.op}.` } };
    const fields = (await this.#options.onRequest?.(request)) ?? unsupported;
    this.#send({ type: 'answer', id: request.id, ...fields });
  }

  #room(): number {
    const { credit, once = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#stop !== undefined) return 0;
    return Math.max(0, Math.min(credit, once - this.tracker.settledCount) - this.tracker.inFlightCount);
  }

  /**
   * `credit` says how many more, not how many in all; said while messages are on their way, it would count
   * them twice. So it is said only when all that it allowed before have come; and with each health, where it
   * mends what a hand-out that got lost has cost.
   */
  #topUpSoon(): void {
    if (this.#isToppingUp) return;
    this.#isToppingUp = true;
    // After the reports of the same turn.
    queueMicrotask(() => {
      this.#isToppingUp = false;
      const room = this.#room();
      if (!this.#isGreeted || this.#granted > 0 || room === 0) return;
      this.#granted = room;
      this.#send({ type: 'credit', n: room });
    });
  }

  #reportHealthLater(): void {
    const { after, now, platform, health } = this.#options;
    this.#cancelHealth();
    this.#cancelHealth = after(HEALTH_MS, () => {
      this.#send({
        type: 'health',
        ...health?.(),
        queue: this.#outbox.size,
        os: platform,
        clock: new Date(now()).toISOString(),
      });
      this.#reportHealthLater();
      this.#granted = 0;
      this.#topUpSoon();
    });
  }

  #leaveIfDone(): void {
    if (this.#stop === undefined) return;
    if (!this.#isGreeted || this.#outbox.size === 0) this.#connection.stop();
  }

  #disconnected(): void {
    this.#isGreeted = false;
    this.#outbox.disconnected();
    this.#cancelHealth();
  }

  #send(frame: DeviceFrame): void {
    this.#options.on({ type: 'sent', frame });
    this.#connection.send(frame);
  }
}
