/**
 * Decides whether a queued message may be dispatched now, by the pace of its number.
 *
 * - A limit of the whole number (messages, quiet hours, weekly windows) is written nowhere. The queue is read again
 *   when the limit allows the next message.
 * - A limit of one message (new contact, unanswered messages) is stored with the message, so that the messages behind
 *   it are dispatched. A message to a new contact reserves its time slot and is therefore written once.
 * - Limits count dispatches in a window that ends now, so no period of that length ever contains more.
 * - The default time to live of a message begins when the limits no longer hold it.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import { addOpenTime, nextOpening } from '../../../shared/sending-hours.ts';
import type { Message } from '../model/message.ts';
import {
  isUnlimited,
  type Limit,
  type LimitName,
  limitsOf,
  type Pace,
  type PaceDefaults,
  type PacedNumber,
  paceOf,
  type WaitReason,
} from '../model/pace.ts';
import type { PaceQueries } from '../ports/pace.ts';
import type { Queries } from '../ports/store.ts';

/** Longer than every window, so that the usage of each window can be shown. */
const LOG_RETENTION_MS = 25 * 3_600_000;
/** Maximum number of entries that one batch purges; more than it adds. The nightly job purges the others. */
const PURGED_MAX = 500;
const ACQUAINTANCE_MS = 30 * 86_400_000;

/** Messages that a number may dispatch now. */
export interface Allowance {
  messages: number;
  /** Time of the next dispatch (epoch ms) if `messages` is 0; null: never with these settings. */
  until: number | null;
  reason: WaitReason | null;
}

/** A deferral of the number is not stored; a deferral of the message is. */
export type Decision =
  | { kind: 'dispatch'; isNewContact: boolean }
  | { kind: 'defer'; scope: 'number'; until: number | null; reason: WaitReason }
  | { kind: 'defer'; scope: 'message'; until: number; reason: WaitReason; reservesSlot: boolean };

export type MessageDeferral = Extract<Decision, { scope: 'message' }>;

/** Returns the limiter of a number for one transaction and one moment; undefined if nothing is limited. */
export async function rateLimiterFor(
  tx: Queries,
  numberId: string,
  defaults: PaceDefaults,
  now: number,
): Promise<RateLimiter | undefined> {
  const number = await tx.numbers.paced(numberId);
  if (number === undefined) return undefined;
  const pace = paceOf(number, defaults);
  return isUnlimited(pace) ? undefined : new RateLimiter(tx, number, pace, now);
}

export class RateLimiter {
  readonly number: PacedNumber;
  readonly pace: Pace;
  readonly limits: readonly Limit[];
  readonly #tx: Queries;
  readonly #now: number;
  #allowance: Allowance | undefined;
  #hasDispatched = false;

  constructor(tx: Queries, number: PacedNumber, pace: Pace, now: number) {
    this.#tx = tx;
    this.number = number;
    this.pace = pace;
    this.limits = limitsOf(pace, number, now);
    this.#now = now;
  }

  /** Reads the log once; each recorded dispatch reduces the result. */
  async allowance(): Promise<Allowance> {
    this.#allowance ??= await this.#readAllowance();
    return this.#allowance;
  }

  /** Decides about the message at the head of the queue. Writes nothing. */
  async decide(message: Message): Promise<Decision> {
    const { messages, until, reason } = await this.allowance();
    if (messages <= 0) return { kind: 'defer', scope: 'number', until, reason: reason as WaitReason };
    const { numberId, handle, chat } = message;
    if (chat !== null) return { kind: 'dispatch', isNewContact: false };
    // Messages to one recipient keep the order in which they were accepted.
    const earlier = await this.#tx.messages.deferredFor(numberId, handle, message.id);
    if (earlier !== undefined) return deferMessage(earlier.until, earlier.reason);
    if (await this.isUnanswered(message)) return deferMessage(message.expiresAt, 'unanswered');
    return this.#decideOnContact(message);
  }

  /** Frees the time slot of a message that is about to be decided. */
  async releaseSlot({ id, numberId, deferredUntil, deferReason }: Message): Promise<void> {
    if (deferredUntil !== null && isContactLimit(deferReason)) {
      await this.#log.unreserve(numberId, deferredUntil, id);
    }
  }

  /** Records a dispatch. The next decision counts it. */
  async recordDispatch({ id }: Message, isNewContact: boolean): Promise<void> {
    await this.#log.write(this.number.id, this.#now, id, isNewContact);
    const allowance = await this.allowance();
    this.#allowance = { ...allowance, messages: allowance.messages - 1 };
    this.#hasDispatched = true;
  }

  async defer(
    message: Message,
    { until, reason, reservesSlot }: MessageDeferral,
    messageTtlMs: number,
  ): Promise<void> {
    if (reservesSlot) await this.#log.reserve(this.number.id, until, message.id);
    const isExtended = !message.hasRequestedExpiry && reason !== 'unanswered';
    const expiresAt = isExtended ? Math.max(message.expiresAt, until + messageTtlMs) : message.expiresAt;
    await this.#tx.messages.defer(message, { until, reason, expiresAt });
  }

  /**
   * Returns when the message has waited `messageTtlMs` for something else than the limits (epoch ms): since the limits
   * let it go, or the number dispatched the message ahead of it, without the hours in which nothing is sent.
   */
  async expiryOf({ createdAt, sendAt }: Message, messageTtlMs: number): Promise<number> {
    let base = Math.max(createdAt, sendAt ?? 0);
    for (const limit of this.limits.filter(({ of }) => of === 'messages')) {
      base = Math.max(base, await this.#slot(limit, 'dispatched'));
    }
    const latest = await this.#log.nthLatest(this.number.id, 'messages', 'dispatched', 1, this.#now);
    return addOpenTime(this.pace, Math.max(base, latest ?? 0), messageTtlMs) ?? 0;
  }

  /**
   * Ends the transaction's dispatches: stores when the number began to send and purges what no window counts.
   * Returns when the number may continue (epoch ms); null: its pace does not block it.
   */
  async finish(): Promise<number | null> {
    if (this.#hasDispatched) {
      if (this.number.sendsSince === null) await this.#tx.numbers.setSendsSince(this.number.id, this.#now);
      await this.#log.purge(this.number.id, this.#now - LOG_RETENTION_MS, PURGED_MAX);
    }
    const { messages, until } = await this.allowance();
    if (messages > 0) return null;
    return this.#hasDispatched ? (await this.#readAllowance()).until : until;
  }

  /** Returns the next time for a message to a new contact, and the limit that delays it. */
  newContactSlot(): Promise<{ at: number; reason: LimitName | null }> {
    return this.#earliest('reserved');
  }

  get #log(): PaceQueries {
    return this.#tx.pace;
  }

  async #readAllowance(): Promise<Allowance> {
    const opening = nextOpening(this.pace, this.#now);
    if (opening === undefined) return { messages: 0, until: null, reason: 'outside_windows' };
    if (opening.reason !== null) return { messages: 0, until: opening.at, reason: opening.reason };
    let allowance: Allowance = { messages: Number.POSITIVE_INFINITY, until: null, reason: null };
    for (const limit of this.limits.filter(({ of }) => of === 'messages')) {
      const used = await this.#log.used(this.number.id, 'messages', this.#now - limit.windowMs, this.#now);
      if (used < limit.limit) {
        allowance = { ...allowance, messages: Math.min(allowance.messages, limit.limit - used) };
        continue;
      }
      const until = await this.#slot(limit, 'dispatched');
      if (until > (allowance.until ?? 0)) allowance = { messages: 0, until, reason: limit.name };
      else allowance = { ...allowance, messages: 0 };
    }
    return allowance;
  }

  async #decideOnContact(message: Message): Promise<Decision> {
    if (!this.limits.some(({ of }) => of === 'new_contacts'))
      return { kind: 'dispatch', isNewContact: false };
    if (!(await this.isNewContact(message))) return { kind: 'dispatch', isNewContact: false };
    // A message with a slot goes when the limits allow it; the others queue behind all reserved slots.
    const hadSlot = message.deferredUntil !== null && isContactLimit(message.deferReason);
    const slot = await this.#earliest(hadSlot ? 'dispatched' : 'reserved');
    if (slot.at <= this.#now) return { kind: 'dispatch', isNewContact: true };
    const { at, reason } = hadSlot ? await this.#earliest('reserved') : slot;
    const until = Math.max(at, slot.at);
    const isInTime = !message.hasRequestedExpiry || until < message.expiresAt;
    return {
      kind: 'defer',
      scope: 'message',
      until: isInTime ? until : message.expiresAt,
      reason: (reason ?? slot.reason) as WaitReason,
      reservesSlot: isInTime,
    };
  }

  /** Returns the first moment that all limits of new contacts leave free. */
  async #earliest(counting: 'dispatched' | 'reserved'): Promise<{ at: number; reason: LimitName | null }> {
    let latest: { at: number; reason: LimitName | null } = { at: this.#now, reason: null };
    for (const limit of this.limits.filter(({ of }) => of === 'new_contacts')) {
      const at = await this.#slot(limit, counting);
      if (at > latest.at) latest = { at, reason: limit.name };
    }
    return latest;
  }

  /** A full window has room again when its oldest entry leaves it. */
  async #slot({ of, limit, windowMs }: Limit, counting: 'dispatched' | 'reserved'): Promise<number> {
    const at = await this.#log.nthLatest(this.number.id, of, counting, limit, this.#now);
    return at === undefined ? 0 : at + windowMs;
  }

  async isNewContact({
    tenantId,
    numberId,
    handle,
  }: Pick<Message, 'tenantId' | 'numberId' | 'handle'>): Promise<boolean> {
    const since = firstIdAt(this.#now - ACQUAINTANCE_MS);
    return !(await this.#tx.messages.hasExchangedSince(tenantId, numberId, handle, since));
  }

  /** Whether the recipient has not replied to the maximum number of messages. */
  async isUnanswered({ tenantId, numberId, handle }: Message): Promise<boolean> {
    const limit = this.pace.unansweredInARow;
    if (limit === 0) return false;
    return (await this.#tx.messages.unansweredTo(tenantId, numberId, handle, limit)) >= limit;
  }
}

function deferMessage(until: number, reason: WaitReason): MessageDeferral {
  return { kind: 'defer', scope: 'message', until, reason, reservesSlot: false };
}

function isContactLimit(reason: WaitReason | null): boolean {
  return reason === 'new_contacts_per_hour' || reason === 'new_contacts_per_day';
}
