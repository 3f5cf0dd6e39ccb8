/**
 * Sends live messages through a provider: everything of the numbers that it sold, and the WhatsApp messages of the
 * numbers that a phone speaks for. Several go out at once, those to one person one after the other. It keeps no journal,
 * so nothing is handed to it twice: what it had when the broker ended and had begun with ends `unconfirmed`, and what it
 * surely had not begun with goes back to the queue.
 */
import pLimit from 'p-limit';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import { recordTransition } from '../core/lifecycle/record-transition.ts';
import type { Message } from '../core/model/message.ts';
import { transition } from '../core/model/message-transition.ts';
import { type ProviderSendOptions, sendThrough } from './provider-send.ts';

export interface ProviderTargetOptions extends Omit<ProviderSendOptions, 'leaseMs' | 'pause' | 'isStopped'> {
  /** Runs once after so many milliseconds; gives what stops it. */
  after(ms: number, run: () => void): () => void;
  onFault(error: unknown): void;
}

type Carried = 'whatsapp' | 'all';

const LEASE_MS = 120_000;
const CONCURRENCY = 10;
/** Those that are being sent, and a few that wait for them. */
const ROOM = 40;

export class ProviderTarget implements DispatchTarget {
  readonly environment = 'live';
  readonly isJournaling = false;
  readonly keepsOrder = true;
  readonly leaseMs = LEASE_MS;
  readonly sessionId: string;
  readonly deviceId: string;
  readonly #options: ProviderTargetOptions;
  readonly #sendOptions: ProviderSendOptions;
  readonly #limit = pLimit(CONCURRENCY);
  /** What was handed over and is not over, and when its lease ends (epoch ms). */
  readonly #held = new Map<string, { message: Message; leaseUntil: number }>();
  /** The last of what goes to a person from a number. */
  readonly #last = new Map<string, Promise<void>>();
  readonly #pauses = new Set<() => void>();
  #numbers: ReadonlyMap<string, Carried> = new Map();
  #version = Number.NaN;
  #isStopped = false;

  constructor(options: ProviderTargetOptions) {
    this.#options = options;
    this.sessionId = options.provider.name;
    this.deviceId = options.provider.name;
    this.#sendOptions = {
      ...options,
      leaseMs: LEASE_MS,
      pause: (ms) => this.#pause(ms),
      isStopped: () => this.#isStopped,
    };
  }

  get numberIds(): readonly string[] {
    return [...this.#numbers.keys()];
  }

  channelsOf(numberId: string): Carried {
    return this.#numbers.get(numberId) ?? 'whatsapp';
  }

  isReady(): boolean {
    return !this.#isStopped;
  }

  room(): number {
    return ROOM - this.#held.size;
  }

  wasDelivered(): boolean {
    return false;
  }

  forget(): void {}

  /** Looked at when its turn comes; what is being sent can't be stopped. */
  cancel(): void {}

  deliver(messages: readonly Message[]): boolean {
    if (this.#isStopped) return false;
    for (const message of messages) this.#take(message);
    return true;
  }

  /** Settles what a former run of the broker had, and begins. */
  async start(): Promise<void> {
    const { store, now, ids } = this.#options;
    await store.transaction(async (tx) => {
      for (const message of await tx.messages.leasedBy(this.deviceId)) {
        const steps = (await tx.messages.timeline(message.id)).map(({ kind }) => kind);
        const hasBegun = steps.lastIndexOf('sending') > steps.lastIndexOf('handed_out');
        const step = transition(message, { kind: hasBegun ? 'expire_lease' : 'requeue' }, now());
        if (step !== undefined) await recordTransition(tx, step, { now: now(), ids });
      }
    });
    await this.follow();
  }

  /**
   * Takes up numbers that were bought or given WhatsApp, lets go of those that were removed, and holds on to what waits
   * here for its turn. Call about once a second. Gives whether the numbers changed.
   */
  async follow(): Promise<boolean> {
    await this.#renewLeases();
    const { store, dispatcher, provider } = this.#options;
    const version = store.referenceVersion();
    if (this.#isStopped || version === this.#version) return false;
    const found = await store.read.numbers.ofProvider(provider.name);
    const numbers = new Map<string, Carried>(
      found.map(({ id, provider: seller }) => [id, seller === provider.name ? 'all' : 'whatsapp']),
    );
    this.#version = version;
    if (this.#isStopped || isSame(numbers, this.#numbers)) return false;
    dispatcher.detach(this);
    this.#numbers = numbers;
    dispatcher.attach(this);
    return true;
  }

  /** Takes nothing more. Settles when what is being sent was answered; the rest goes back to the queue. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.dispatcher.detach(this);
    for (const end of [...this.#pauses]) end();
    await Promise.all(this.#last.values());
  }

  #take(message: Message): void {
    const { dispatcher, onFault } = this.#options;
    const person = `${message.numberId} ${message.handle}`;
    this.#held.set(message.id, { message, leaseUntil: message.leaseUntil ?? 0 });
    const turn = (this.#last.get(person) ?? Promise.resolve())
      .then(() => this.#limit(() => sendThrough(this.#sendOptions, message)))
      .catch(onFault)
      .then(() => {
        this.#held.delete(message.id);
        if (this.#last.get(person) === turn) this.#last.delete(person);
        // There is room again.
        dispatcher.notify(message.numberId, 'live');
      });
    this.#last.set(person, turn);
  }

  async #renewLeases(): Promise<void> {
    const { store, now } = this.#options;
    const due = [...this.#held.values()].filter(({ leaseUntil }) => leaseUntil < now() + LEASE_MS / 2);
    if (due.length === 0) return;
    const leaseUntil = now() + LEASE_MS;
    await store.transaction((tx) =>
      tx.messages.setLeaseEnd(
        due.map(({ message }) => message),
        leaseUntil,
      ),
    );
    for (const held of due) held.leaseUntil = leaseUntil;
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#options.after(ms, end);
      this.#pauses.add(end);
    });
  }
}

function isSame(one: ReadonlyMap<string, Carried>, other: ReadonlyMap<string, Carried>): boolean {
  return one.size === other.size && [...one].every(([id, carried]) => other.get(id) === carried);
}
