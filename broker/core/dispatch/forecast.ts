/**
 * Calculates the earliest time at which a queued message can be dispatched, from all limits of its number and the messages
 * ahead of it. It does not know how fast the device sends.
 *
 * A forecast reads a bounded part of the queue. A message behind that part gets the time of its end, which is early.
 */
import { nextOpening } from '../../../shared/sending-hours.ts';
import type { Message } from '../model/message.ts';
import type { Limit, LimitSubject, WaitReason } from '../model/pace.ts';
import type { QueuedEntry } from '../ports/queue.ts';
import type { Queries } from '../ports/store.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Maximum messages ahead that are counted. */
const AHEAD_MAX = 2_000;
/** Maximum messages ahead whose recipient is looked up. */
const CONTACTS_MAX = 200;
const MINUTE_MS = 60_000;

/** `at`: epoch ms; null: never with these settings. */
export interface ForecastTime {
  at: number | null;
  /** The limit that sets the time; null: none. */
  reason: WaitReason | null;
}

export class Forecast {
  readonly #tx: Queries;
  readonly #limiter: RateLimiter;
  readonly #queue: QueuedEntry[];
  readonly #now: number;
  readonly #turns: Slots;
  readonly #contactSlots: Slots;
  /** New contacts ahead, by handle, with their place among the new contacts. */
  readonly #newContacts = new Map<string, number>();
  readonly #knownHandles = new Set<string>();
  #examined = 0;

  private constructor(
    tx: Queries,
    limiter: RateLimiter,
    queue: QueuedEntry[],
    now: number,
    slots: { turns: Slots; contactSlots: Slots },
  ) {
    this.#tx = tx;
    this.#limiter = limiter;
    this.#queue = queue;
    this.#now = now;
    this.#turns = slots.turns;
    this.#contactSlots = slots.contactSlots;
  }

  static async read(tx: Queries, limiter: RateLimiter, now: number): Promise<Forecast> {
    const { number, limits, pace } = limiter;
    const slotsOf = async (of: LimitSubject, counting: 'dispatched' | 'reserved') => {
      const own = limits.filter((limit) => limit.of === of);
      const needed = Math.min(AHEAD_MAX, Math.max(0, ...own.map(({ limit }) => limit)));
      const latest = needed === 0 ? [] : await tx.pace.latest(number.id, of, counting, needed, now);
      return new Slots(own, latest.toReversed(), (at) => nextOpening(pace, at), now);
    };
    return new Forecast(tx, limiter, await tx.messages.queueOf(number.id, AHEAD_MAX), now, {
      turns: await slotsOf('messages', 'dispatched'),
      contactSlots: await slotsOf('new_contacts', 'reserved'),
    });
  }

  /** Call for a message that was accepted after the forecast was read. */
  add({ id, priority, handle }: Message): void {
    if (this.#queue.length >= AHEAD_MAX || this.#queue.some((entry) => entry.id === id)) return;
    const place = this.#queue.findLastIndex((entry) => entry.priority <= priority);
    this.#queue.splice(place + 1, 0, { id, priority, handle });
  }

  /** Returns the time for a message that is not deferred. */
  async timeOf(message: Message): Promise<ForecastTime> {
    const ahead = this.#countAhead(message);
    const turn = this.#turns.at(ahead);
    if (message.chat !== null) return turn;
    const { numberId, handle, id } = message;
    const earlier = await this.#tx.messages.deferredFor(numberId, handle, id);
    if (earlier !== undefined) return later(turn, { at: earlier.until, reason: earlier.reason });
    if (await this.#limiter.isUnanswered(message)) return { at: null, reason: 'unanswered' };
    const slot = await this.#contactSlot(message, ahead);
    return slot === undefined ? turn : later(turn, slot);
  }

  /** Returns the first time at or after `at` that the hours of the number allow. */
  opening(at: number, reason: WaitReason): ForecastTime {
    const opening = nextOpening(this.#limiter.pace, Math.max(at, this.#now));
    if (opening === undefined) return { at: null, reason: 'outside_windows' };
    return { at: opening.at, reason: opening.reason ?? reason };
  }

  #countAhead({ id, priority }: Message): number {
    const place = this.#queue.findIndex(
      (entry) => entry.priority > priority || (entry.priority === priority && entry.id >= id),
    );
    return place < 0 ? this.#queue.length : place;
  }

  /** Returns undefined if no limit for new contacts concerns the message. */
  async #contactSlot(message: Message, ahead: number): Promise<ForecastTime | undefined> {
    if (this.#contactSlots.isUnlimited || !(await this.#limiter.isNewContact(message))) return undefined;
    const { tenantId, numberId } = message;
    for (; this.#examined < Math.min(ahead, CONTACTS_MAX); this.#examined += 1) {
      const handle = this.#queue[this.#examined]?.handle;
      if (handle === undefined || this.#knownHandles.has(handle)) continue;
      this.#knownHandles.add(handle);
      if (await this.#limiter.isNewContact({ tenantId, numberId, handle })) {
        this.#newContacts.set(handle, this.#newContacts.size);
      }
    }
    const own = this.#newContacts.get(message.handle);
    if (own !== undefined) return this.#contactSlots.at(own);
    const before = this.#queue.slice(0, Math.min(ahead, CONTACTS_MAX)).map(({ handle }) => handle);
    const contacts = new Set(before.filter((handle) => this.#newContacts.has(handle)));
    return this.#contactSlots.at(contacts.size);
  }
}

/** The times that the limits leave free, one after another. */
class Slots {
  readonly isUnlimited: boolean;
  readonly #limits: readonly Limit[];
  /** Past times, then the calculated ones, ascending. */
  readonly #times: number[];
  readonly #pastCount: number;
  readonly #reasons: Array<WaitReason | null> = [];
  readonly #openingAt: (at: number) => ReturnType<typeof nextOpening>;
  readonly #now: number;
  /** Until this time the hours are known to be open. */
  #openUntil = 0;
  #isClosed = false;

  constructor(
    limits: readonly Limit[],
    past: readonly number[],
    openingAt: (at: number) => ReturnType<typeof nextOpening>,
    now: number,
  ) {
    this.isUnlimited = limits.length === 0;
    this.#limits = limits;
    this.#times = [...past];
    this.#pastCount = past.length;
    this.#openingAt = openingAt;
    this.#now = now;
  }

  at(index: number): ForecastTime {
    while (this.#reasons.length <= index && !this.#isClosed) this.#calculateNext();
    const reason = this.#reasons[index];
    if (reason === undefined) return { at: null, reason: 'outside_windows' };
    return { at: this.#times[this.#pastCount + index] ?? this.#now, reason };
  }

  #calculateNext(): void {
    const previous = this.#reasons.length === 0 ? undefined : this.#times.at(-1);
    let at = Math.max(this.#now, previous ?? 0);
    // A turn behind another one waits for the same limit, unless another one adds more than the wait so far.
    let reason: WaitReason | null = at > this.#now ? (this.#reasons.at(-1) ?? null) : null;
    const delay = (until: number, cause: WaitReason) => {
      if (until - at > at - this.#now) reason = cause;
      at = until;
    };
    for (const { name, limit, windowMs } of this.#limits) {
      const first = this.#times[this.#times.length - limit];
      if (first !== undefined && first + windowMs > at) delay(first + windowMs, name);
    }
    if (at >= this.#openUntil) {
      const opening = this.#openingAt(at);
      if (opening === undefined) {
        this.#isClosed = true;
        return;
      }
      if (opening.reason !== null) delay(opening.at, opening.reason);
      // Hours begin and end at full minutes.
      this.#openUntil = at - (at % MINUTE_MS) + MINUTE_MS;
    }
    this.#times.push(at);
    this.#reasons.push(reason);
  }
}

/** Returns the later of two times. */
function later(one: ForecastTime, other: ForecastTime): ForecastTime {
  if (one.at === null || other.at === null) return one.at === null ? one : other;
  return other.at > one.at ? other : one;
}
