/**
 * Sends live messages through a provider: all messages of the numbers that it sold, and the WhatsApp messages of the
 * numbers that a device serves.
 *
 * - Several messages are sent in parallel; those from one number to one recipient are sent one after the other.
 * - No message is sent twice, because a provider keeps no journal. After a restart, a message whose sending had begun
 *   ends `unconfirmed`, and every other message goes back to the queue.
 */
import pLimit from 'p-limit';
import { KeyedQueue } from '../../shared/keyed-queue.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import { recordTransition } from '../core/lifecycle/record-transition.ts';
import type { Message } from '../core/model/message.ts';
import { transition } from '../core/model/message-transition.ts';
import { InFlight } from './in-flight.ts';
import { type ProviderSendOptions, sendThrough } from './provider-send.ts';

export interface ProviderTargetOptions extends Omit<ProviderSendOptions, 'pause' | 'isStopped'> {
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

type ServedChannels = 'whatsapp' | 'all';

/** A lease does not end while the broker runs: the broker sends by itself, and a start ends the leases of the last run. */
const LEASE_MS = 10 * 365 * 86_400_000;
const CONCURRENCY = 10;
/** Messages that are being sent or wait for a request. Paused messages count for their number only. */
const ROOM = 40;
const ROOM_OF_NUMBER = 20;
/** Messages to one recipient are sent one after another. */
const ROOM_OF_RECIPIENT = 4;

export class ProviderTarget implements DispatchTarget {
  readonly environment = 'live';
  readonly isJournaling = false;
  readonly keepsOrder = true;
  readonly leaseMs = LEASE_MS;
  readonly capabilityBits = 0;
  readonly sessionId: string;
  readonly deviceId: string;
  readonly #options: ProviderTargetOptions;
  readonly #sendOptions: ProviderSendOptions;
  readonly #limit = pLimit(CONCURRENCY);
  /** Leased messages that have not ended. */
  readonly #inFlight = new InFlight();
  #pausedCount = 0;
  /** One message at a time from a number to a recipient. */
  readonly #queue = new KeyedQueue<Message>();
  readonly #sending = new Set<Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #numbers: ReadonlyMap<string, ServedChannels> = new Map();
  #version = Number.NaN;
  #isStopped = false;

  constructor(options: ProviderTargetOptions) {
    this.#options = options;
    this.sessionId = options.provider.name;
    this.deviceId = options.provider.name;
    this.#sendOptions = {
      ...options,
      pause: (ms) => this.#pause(ms),
      isStopped: () => this.#isStopped,
    };
    this.#queue.start((message) => this.#send(message));
  }

  get numberIds(): readonly string[] {
    return [...this.#numbers.keys()];
  }

  channelsOf(numberId: string): ServedChannels {
    return this.#numbers.get(numberId) ?? 'whatsapp';
  }

  async isPermitted(): Promise<boolean> {
    return true;
  }

  isReady(): boolean {
    return !this.#isStopped;
  }

  room(): number {
    return ROOM - (this.#inFlight.size - this.#pausedCount);
  }

  roomFor(numberId: string, handle?: string): number {
    const room = handle === undefined ? ROOM_OF_NUMBER : ROOM_OF_RECIPIENT;
    return room - this.#inFlight.count(numberId, handle);
  }

  busyRecipients(numberId: string): readonly string[] {
    return this.#inFlight.recipientsWith(numberId, ROOM_OF_RECIPIENT);
  }

  wasDelivered(): boolean {
    return false;
  }

  forget(): void {}

  /** Does nothing: a cancelled message fails when its sending would begin. After that it can't be cancelled. */
  cancel(): void {}

  deliver(messages: readonly Message[]): boolean {
    if (this.#isStopped) return false;
    for (const message of messages) {
      this.#inFlight.add(message);
      this.#queue.add(queueKey(message), message);
    }
    return true;
  }

  /** Ends or requeues the messages of the previous run of the broker, and attaches to the dispatcher. */
  async start(): Promise<void> {
    const { store, now, ids } = this.#options;
    await store.transaction(async (tx) => {
      for (const message of await tx.messages.leasedBy(this.deviceId)) {
        const steps = (await tx.messages.timeline(message.id)).map(({ kind }) => kind);
        const hasBegun = steps.lastIndexOf('sending') > steps.lastIndexOf('handed_out');
        const change = transition(message, { kind: hasBegun ? 'expire_lease' : 'requeue' }, now());
        if (change !== undefined) await recordTransition(tx, change, { now: now(), ids });
      }
    });
    await this.follow();
  }

  /**
   * Follows changes of the numbers (purchase, WhatsApp, removal). Call about once a second. Returns whether the numbers
   * changed.
   */
  async follow(): Promise<boolean> {
    const { store, dispatcher, provider } = this.#options;
    const version = store.referenceVersion();
    if (this.#isStopped || version === this.#version) return false;
    const found = await store.read.numbers.ofProvider(provider.name);
    const numbers = new Map<string, ServedChannels>(
      found.map(({ id, provider: seller }) => [id, seller === provider.name ? 'all' : 'whatsapp']),
    );
    this.#version = version;
    if (this.#isStopped || isSame(numbers, this.#numbers)) return false;
    dispatcher.detach(this);
    this.#numbers = numbers;
    dispatcher.attach(this);
    return true;
  }

  /** Accepts no further messages. Settles when the running sends have ended and the others were requeued. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.dispatcher.detach(this);
    for (const end of [...this.#pauses]) end();
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #send(message: Message): true {
    const { dispatcher, onFault } = this.#options;
    const sending = sendThrough(this.#sendOptions, message, (run) => this.#limit(run))
      .catch(onFault)
      .then(() => {
        this.#inFlight.remove(message);
        this.#queue.end(queueKey(message), message);
        this.#sending.delete(sending);
        // There is room for another message.
        dispatcher.notify(message.numberId, 'live');
      });
    this.#sending.add(sending);
    return true;
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#pausedCount += 1;
    // A paused message makes room for others.
    this.#options.dispatcher.resume(this);
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        this.#pausedCount -= 1;
        resolve();
      };
      const cancel = this.#options.after(ms, end);
      this.#pauses.add(end);
    });
  }
}

function queueKey({ numberId, handle }: Message): string {
  return `${numberId} ${handle}`;
}

function isSame(
  one: ReadonlyMap<string, ServedChannels>,
  other: ReadonlyMap<string, ServedChannels>,
): boolean {
  return one.size === other.size && [...one].every(([id, channels]) => other.get(id) === channels);
}
