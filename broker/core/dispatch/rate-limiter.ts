/**
 * Whether messages of a number may be handed out now. What its number is held up by (a limit of messages, quiet hours)
 * is no message's own matter: nothing is written, and the queue is looked at again when the time has come. What holds
 * up one message (its recipient is new, or does not answer) is written with it, so that what is behind it goes on; a
 * message to a new contact has its slot reserved, so that it is written once however long the queue is.
 *
 * Limits count what was handed out in a window that ends now, so no stretch of time ever holds more.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import { nextOpening } from '../../../shared/sending-hours.ts';
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

/** Longer than any window, so that usage can be shown of each. */
const LOG_KEPT_MS = 25 * 3_600_000;
const ACQUAINTANCE_MS = 30 * 86_400_000;

export interface Gate {
  /** How many messages may go out now. */
  room: number;
  /** When the next may, where none may now (epoch ms); null: never, as the settings are. */
  until: number | null;
  reason: WaitReason | null;
}

export type Verdict =
  | { kind: 'go'; isNewContact: boolean }
  | { kind: 'hold'; until: number; reason: WaitReason; isReserved: boolean };

/** The pace of one number at one moment, in one transaction. Undefined where nothing is limited. */
export async function paceAt(
  tx: Queries,
  numberId: string,
  defaults: PaceDefaults,
  now: number,
): Promise<NumberPace | undefined> {
  const number = await tx.numbers.paced(numberId);
  if (number === undefined) return undefined;
  const pace = paceOf(number, defaults);
  return isUnlimited(pace) ? undefined : new NumberPace(tx, number, pace, now);
}

export class NumberPace {
  readonly number: PacedNumber;
  readonly pace: Pace;
  readonly limits: readonly Limit[];
  readonly #tx: Queries;
  readonly #now: number;

  constructor(tx: Queries, number: PacedNumber, pace: Pace, now: number) {
    this.#tx = tx;
    this.number = number;
    this.pace = pace;
    this.limits = limitsOf(pace, number, now);
    this.#now = now;
  }

  async gate(): Promise<Gate> {
    const opening = nextOpening(this.pace, this.#now);
    if (opening === undefined) return { room: 0, until: null, reason: 'outside_windows' };
    if (opening.reason !== null) return { room: 0, until: opening.at, reason: opening.reason };
    let gate: Gate = { room: Number.POSITIVE_INFINITY, until: null, reason: null };
    for (const limit of this.limits.filter(({ of }) => of === 'messages')) {
      const used = await this.#log.used(this.number.id, 'messages', this.#now - limit.windowMs);
      if (used < limit.limit) {
        gate = { ...gate, room: Math.min(gate.room, limit.limit - used) };
        continue;
      }
      const until = await this.#slot(limit, 'handed_out');
      if (until > (gate.until ?? 0)) gate = { room: 0, until, reason: limit.name };
      else gate = { ...gate, room: 0 };
    }
    return gate;
  }

  /** Of a message whose turn it is; its slot, if it had one, is used up. */
  async verdict(message: Message): Promise<Verdict> {
    if (hasSlot(message)) await this.#log.unreserve(message.numberId, message.deferredUntil!, message.id);
    return this.outlook(message);
  }

  /** What the verdict would be if it were its turn now. */
  async outlook(message: Message): Promise<Verdict> {
    const { numberId, handle, chat } = message;
    if (chat !== null) return { kind: 'go', isNewContact: false };
    const before = await this.#tx.messages.deferredFor(numberId, handle, message.id);
    // What was accepted first goes first.
    if (before !== undefined) {
      return { kind: 'hold', until: before.until, reason: before.reason, isReserved: false };
    }
    if (await this.#isUnanswered(message)) {
      return { kind: 'hold', until: message.expiresAt, reason: 'unanswered', isReserved: false };
    }
    return this.#verdictOnContact(message);
  }

  /** Writes that a message was handed out; the next verdict counts it. */
  handedOut({ id }: Message, isNewContact: boolean): Promise<void> {
    return this.#log.write(this.number.id, this.#now, id, isNewContact);
  }

  /** Once all are handed out: since when the number sends, and what no window counts any more. */
  async settle(): Promise<void> {
    if (this.number.sendsSince === null) await this.#tx.numbers.setSendsSince(this.number.id, this.#now);
    await this.#log.purge(this.number.id, this.#now - LOG_KEPT_MS);
  }

  async defer(message: Message, { until, reason, isReserved }: Verdict & { kind: 'hold' }): Promise<void> {
    if (isReserved) await this.#log.reserve(this.number.id, until, message.id);
    await this.#tx.messages.defer(message, until, reason);
  }

  /** When the next new contact may be written to, and what keeps it until then. */
  newContactSlot(): Promise<{ at: number; reason: LimitName | null }> {
    return this.#latest('reserved');
  }

  get #log(): PaceQueries {
    return this.#tx.pace;
  }

  async #verdictOnContact(message: Message): Promise<Verdict> {
    if (!this.limits.some(({ of }) => of === 'new_contacts')) return { kind: 'go', isNewContact: false };
    const hadSlot = hasSlot(message);
    if (!(await this.#isNew(message))) return { kind: 'go', isNewContact: false };
    // Who had a slot goes when the limits allow it, others behind everybody who has one.
    const slot = await this.#latest(hadSlot ? 'handed_out' : 'reserved');
    if (slot.at <= this.#now) return { kind: 'go', isNewContact: true };
    const { at, reason } = hadSlot ? await this.#latest('reserved') : slot;
    const until = Math.max(at, slot.at);
    const isInTime = until < message.expiresAt;
    return {
      kind: 'hold',
      until: isInTime ? until : message.expiresAt,
      reason: (reason ?? slot.reason)!,
      isReserved: isInTime,
    };
  }

  /** The first moment that all limits of new contacts leave free. */
  async #latest(counting: 'handed_out' | 'reserved'): Promise<{ at: number; reason: LimitName | null }> {
    let latest: { at: number; reason: LimitName | null } = { at: this.#now, reason: null };
    for (const limit of this.limits.filter(({ of }) => of === 'new_contacts')) {
      const at = await this.#slot(limit, counting);
      if (at > latest.at) latest = { at, reason: limit.name };
    }
    return latest;
  }

  /** With so many in the window, the next may go when the first of them leaves it. */
  async #slot({ of, limit, windowMs }: Limit, counting: 'handed_out' | 'reserved'): Promise<number> {
    const at = await this.#log.nthLatest(this.number.id, of, counting, limit);
    return at === undefined ? 0 : at + windowMs;
  }

  async #isNew({ tenantId, numberId, handle }: Message): Promise<boolean> {
    const since = firstIdAt(this.#now - ACQUAINTANCE_MS);
    return !(await this.#tx.messages.hasExchangedSince(tenantId, numberId, handle, since));
  }

  async #isUnanswered({ tenantId, numberId, handle }: Message): Promise<boolean> {
    const limit = this.pace.unansweredInARow;
    if (limit === 0) return false;
    return (await this.#tx.messages.unansweredTo(tenantId, numberId, handle, limit)) >= limit;
  }
}

/** It was held back for one, which has come. */
function hasSlot({ deferredUntil, deferReason }: Message): boolean {
  const isOfNewContacts = deferReason === 'new_contacts_per_hour' || deferReason === 'new_contacts_per_day';
  return deferredUntil !== null && isOfNewContacts;
}
