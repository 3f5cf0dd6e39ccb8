/** Calculates the usage of a number's limits and its next free slots. */
import { RateLimiter } from '../dispatch/rate-limiter.ts';
import { notFound } from '../model/errors.ts';
import {
  LIMITS,
  type LimitName,
  type PaceDefaults,
  paceOf,
  rampDay,
  rampEnd,
  type WaitReason,
} from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';

export interface LimitUsage {
  name: LimitName;
  windowMs: number;
  used: number;
  /** null: unlimited. */
  limit: number | null;
}

export interface Slot {
  /** Epoch ms; null: never with the current settings. */
  at: number | null;
  /** Limit that determines the time; null: available now. */
  reason: WaitReason | null;
}

export interface NumberUsage {
  timeZone: string;
  limits: LimitUsage[];
  /** Day of the first week and its end (epoch ms); null: no reduction applies. */
  ramp: { day: number; endsAt: number } | null;
  nextMessage: Slot;
  nextNewContact: Slot;
  /** Number of queued messages, including deferred ones. */
  queued: number;
}

export async function usageOf(
  read: Queries,
  tenantId: number,
  numberId: string,
  defaults: PaceDefaults,
  now: number,
): Promise<NumberUsage> {
  const number = await read.numbers.paced(numberId);
  if (number === undefined || number.tenantId !== tenantId) throw notFound('Number');
  const settings = paceOf(number, defaults);
  const limiter = new RateLimiter(read, number, settings, now);
  const limits: LimitUsage[] = [];
  for (const { name, of, windowMs } of LIMITS) {
    const limit = limiter.limits.find((active) => active.name === name)?.limit ?? null;
    limits.push({ name, windowMs, used: await read.pace.used(numberId, of, now - windowMs, now), limit });
  }
  const allowance = await limiter.allowance();
  const nextMessage: Slot =
    allowance.messages > 0 ? { at: now, reason: null } : { at: allowance.until, reason: allowance.reason };
  const contact = await limiter.newContactSlot();
  const isLater = nextMessage.at === null || nextMessage.at > contact.at;
  const day = rampDay(settings, number, now);
  return {
    timeZone: settings.timeZone,
    limits,
    ramp: day === undefined ? null : { day, endsAt: rampEnd(number, now) },
    nextMessage,
    nextNewContact: isLater ? nextMessage : contact,
    queued: await read.messages.countQueued(numberId),
  };
}
