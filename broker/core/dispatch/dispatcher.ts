/**
 * Leases queued messages to dispatch targets.
 *
 * - A message is leased to one device at a time.
 * - A device without a journal receives a message at most once.
 * - Messages to one recipient are dispatched in the order in which they were accepted.
 *
 * A lease that could not be written to the device is requeued at once, because the device never received it.
 */
import type { Message } from '../model/message.ts';
import type { Environment } from '../model/tenant.ts';
import { type Cluster, singleBroker } from '../ports/cluster.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { QueueMaintenance } from './queue-maintenance.ts';
import { Requeues } from './requeues.ts';
import { ResumeTimer } from './resume-timer.ts';
import { type LeasingOptions, ServedTenants, TargetLeases } from './target-leases.ts';

export interface DispatcherOptions extends LeasingOptions {
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after: (ms: number, run: () => void) => () => void;
  /** Default: no other broker runs on the database. */
  cluster?: Cluster;
  /** Whether a live number has a target at another broker. */
  isServedElsewhere?: (numberId: string) => boolean | Promise<boolean>;
  /** Whether this broker ends overdue leases, expired messages and due deferrals, for all brokers. */
  isMaintainer?: () => boolean;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #cluster: Cluster;
  readonly #maintenance: QueueMaintenance;
  readonly #resumeTimer: ResumeTimer;
  readonly #requeues: Requeues;
  readonly #leases = new Map<DispatchTarget, TargetLeases>();
  readonly #byNumber = new Map<string, DispatchTarget[]>();
  #sandbox: DispatchTarget | undefined;
  /** The batch of each device that is being leased or requeued. */
  readonly #batches = new Map<string, Promise<void>>();
  /** A target that is attached again keeps the order of its tenants. */
  readonly #served = new WeakMap<DispatchTarget, ServedTenants>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#cluster = options.cluster ?? singleBroker('');
    this.#maintenance = new QueueMaintenance({
      ...options,
      hasTarget: (numberId) => this.hasTarget(numberId),
      onEnded: (messages) => this.#onEnded(messages),
      onDue: (numberIds) => this.#notifyEach(numberIds),
    });
    this.#resumeTimer = new ResumeTimer({ ...options, onDue: (numberId) => this.#notifyBothHere(numberId) });
    this.#requeues = new Requeues({ ...options, onRequeued: (numberIds) => this.#notifyEach(numberIds) });
    this.#followCluster();
  }

  /** Dispatches to the target from now on, beginning with the messages that are queued already. */
  attach(target: DispatchTarget): void {
    const leases = this.#newLeases(target);
    this.#leases.set(target, leases);
    if (target.numberIds === undefined) this.#sandbox = target;
    for (const numberId of target.numberIds ?? []) {
      const others = this.#byNumber.get(numberId) ?? [];
      // A device with a journal comes first: after a failure it can receive the message again.
      const place = target.isJournaling ? others.findIndex((other) => !other.isJournaling) : -1;
      this.#byNumber.set(numberId, place < 0 ? [...others, target] : others.toSpliced(place, 0, target));
    }
    leases.start();
  }

  detach(target: DispatchTarget): void {
    this.#leases.get(target)?.stop();
    this.#leases.delete(target);
    for (const numberId of target.numberIds ?? []) {
      const left = (this.#byNumber.get(numberId) ?? []).filter((other) => other !== target);
      if (left.length === 0) this.#byNumber.delete(numberId);
      else this.#byNumber.set(numberId, left);
    }
  }

  /** Returns the live numbers with a target here. */
  liveNumbers(): string[] {
    return [...this.#byNumber.keys()];
  }

  servesSandbox(): boolean {
    return this.#sandbox !== undefined && this.#leases.has(this.#sandbox);
  }

  /**
   * Whether a device or a provider, here or at another broker, sends texts for a live number. `needs`: bits of the
   * capabilities that a device here must have; those at other brokers are not known.
   */
  hasTarget(numberId: string, needs = 0): boolean | Promise<boolean> {
    const { isServedElsewhere = () => false } = this.#options;
    return this.countTargets(numberId, needs) > 0 || isServedElsewhere(numberId);
  }

  /** Returns the number of devices connected here, and providers, that send texts for a live number. */
  countTargets(numberId: string, needs = 0): number {
    const targets = this.#byNumber.get(numberId) ?? [];
    return targets.filter(
      (target) => target.channelsOf(numberId) !== 'whatsapp' && (needs & ~target.capabilityBits) === 0,
    ).length;
  }

  /** Call when messages of the number may be ready for dispatch, here or at another broker. */
  notify(numberId: string, environment: Environment): void {
    this.notifyHere(numberId, environment);
    this.#cluster.send({ kind: 'queue', numberId, environment });
  }

  /** Call when another broker or process says so, or when they may be ready by a limit that ended. */
  notifyHere(numberId: string, environment: Environment): void {
    const targets = environment === 'test' ? this.#sandbox && [this.#sandbox] : this.#byNumber.get(numberId);
    for (const target of targets ?? []) this.#leases.get(target)?.notify(numberId);
  }

  /** Call when a target became available (credit arrived, a poll is parked). Settles after its leases. */
  async offer(target: DispatchTarget): Promise<void> {
    await this.#leases.get(target)?.offer();
  }

  /** Call when a connected target grants more credit. Its numbers were notified while it was full. */
  resume(target: DispatchTarget): void {
    this.#leases.get(target)?.start();
  }

  /**
   * Call when a target reported on messages of these numbers: later messages to the same recipients may follow. The
   * only target of a number received them already, if it keeps the order. A target that was detached meanwhile is not
   * the only one: the others waited for its report. The number may have other targets at other brokers.
   */
  reported(target: DispatchTarget, numberIds: Iterable<string>): void {
    for (const numberId of numberIds) {
      const [first, second] = this.#byNumber.get(numberId) ?? [];
      const isOnly = first === target && second === undefined;
      if (!isOnly || !target.keepsOrder) this.notifyHere(numberId, target.environment);
      this.#cluster.send({ kind: 'queue', numberId, environment: target.environment });
    }
  }

  /** Requeues leased messages that the target certainly did not begin to send. */
  requeue(messages: readonly Message[]): Promise<void> {
    return this.#requeues.requeue(messages.map((message) => ({ message, isRepeat: false })));
  }

  /** Asks the device that has the message to cancel it. The messages that waited for a cancelled one may follow. */
  cancel(message: Message): void {
    const { id: messageId, tenantId, numberId, deviceId, status } = message;
    if (status !== 'polling') {
      this.notify(numberId, 'live');
      return;
    }
    if (this.cancelHere(message) || deviceId === null) return;
    this.#cluster.send({ kind: 'cancel', tenantId, messageId, deviceId });
  }

  /** Returns whether the device is connected here. */
  cancelHere(message: Message): boolean {
    const target = [...this.#leases.keys()].find(({ deviceId }) => deviceId === message.deviceId);
    target?.cancel(message);
    return target !== undefined;
  }

  /** Ends overdue leases, expired messages and due deferrals. Call once a second. */
  async tick(): Promise<void> {
    const { monotonicNow, isMaintainer = () => true } = this.#options;
    const now = monotonicNow();
    // Before the maintenance, which ends expired leases as unconfirmed.
    await this.#requeues.retry();
    if (isMaintainer()) await this.#maintenance.tick();
    for (const leases of this.#leases.values()) leases.tick(now);
  }

  /** Call when the system clock was set: limits that depend on the time of day may have ended. */
  reconsiderLimits(): void {
    this.#resumeTimer.endAll();
  }

  /** Stops timers and settles when no lease is being made. For a graceful stop. */
  async idle(): Promise<void> {
    this.#resumeTimer.stop();
    while (this.#batches.size > 0) await Promise.all(this.#batches.values());
  }

  #newLeases(target: DispatchTarget): TargetLeases {
    const served = this.#served.get(target) ?? new ServedTenants();
    this.#served.set(target, served);
    return new TargetLeases(target, {
      ...this.#options,
      served,
      earlierBatch: this.#batches.get(target.deviceId),
      // If the process was paused meanwhile, another broker may have delivered the messages.
      mayDeliver: () => this.#cluster.isCurrent(),
      requeue: (leased) => this.#requeues.requeue(leased),
      onDeferred: (numberId, at) => this.#resumeTimer.add(numberId, at),
      onBatch: (batch) => {
        this.#batches.set(target.deviceId, batch);
        void batch.finally(() => {
          if (this.#batches.get(target.deviceId) === batch) this.#batches.delete(target.deviceId);
        });
      },
    });
  }

  #followCluster(): void {
    const { store, onFault } = this.#options;
    this.#cluster.onMessage('queue', ({ numberId, environment }) => this.notifyHere(numberId, environment));
    this.#cluster.onMessage('cancel', ({ tenantId, messageId, deviceId }) => {
      if (![...this.#leases.keys()].some((target) => target.deviceId === deviceId)) return;
      store.read.messages
        .findItem(tenantId, messageId)
        .then((message) => message && this.cancelHere(message))
        .catch(onFault);
    });
    this.#cluster.onMessage('ended', ({ numberId, deviceId, messageIds }) => {
      for (const id of messageIds) this.#forgetHere(numberId, deviceId, id);
    });
  }

  #forgetHere(numberId: string, deviceId: string, messageId: string): boolean {
    const target = this.#byNumber.get(numberId)?.find((one) => one.deviceId === deviceId);
    target?.forget(messageId);
    return target !== undefined;
  }

  #onEnded(messages: readonly Message[]): void {
    const elsewhere: Message[] = [];
    for (const message of messages) {
      const { id, numberId, deviceId } = message;
      if (deviceId !== null && !this.#forgetHere(numberId, deviceId, id)) elsewhere.push(message);
    }
    for (const ended of Map.groupBy(
      elsewhere,
      ({ numberId, deviceId }) => `${numberId} ${deviceId}`,
    ).values()) {
      const [{ numberId, deviceId }] = ended as [Message];
      const messageIds = ended.map(({ id }) => id);
      this.#cluster.send({ kind: 'ended', numberId, deviceId: deviceId ?? '', messageIds });
    }
    this.#notifyEach(new Set(messages.map((message) => message.numberId)));
  }

  #notifyBothHere(numberId: string): void {
    this.notifyHere(numberId, 'live');
    this.notifyHere(numberId, 'test');
  }

  #notifyEach(numberIds: Iterable<string>): void {
    for (const numberId of numberIds) {
      this.notify(numberId, 'live');
      this.notify(numberId, 'test');
    }
  }
}
