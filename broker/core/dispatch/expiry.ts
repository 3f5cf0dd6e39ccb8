/**
 * Ends expired messages.
 *
 * - An expiry time of the send request is a time of the system clock. The time to live of other messages is a duration:
 *   if the system clock is set ahead, it does not end early.
 * - Time in the number's own limits does not count towards the time to live.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults, WaitReason } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';
import { type RateLimiter, rateLimiterFor } from './rate-limiter.ts';
import { waitMessage } from './waiting.ts';

interface Times {
  /** Epoch ms. */
  now: number;
  /** Milliseconds on the monotonic clock, which started at the time of the system clock. */
  monotonicNow: number;
}

/** Returns the time at or before which messages without a requested expiry have expired. */
export function defaultExpiryTime({ now, monotonicNow }: Times): number {
  return Math.min(now, monotonicNow);
}

export function hasExpired({ expiresAt, hasRequestedExpiry }: Message, times: Times): boolean {
  return expiresAt <= (hasRequestedExpiry ? times.now : defaultExpiryTime(times));
}

export interface ExpireContext {
  now: number;
  ids: IdSource;
  pace: PaceDefaults;
  messageTtlMs: number;
  hasTarget: (numberId: string) => boolean | Promise<boolean>;
}

/** Ends the messages, or extends their time to live. Returns the ended messages as they were before. */
export async function expireMessages(
  tx: Queries,
  expired: readonly Message[],
  context: ExpireContext,
): Promise<Message[]> {
  const { now, ids, pace, messageTtlMs } = context;
  const limiters = new Map<string, RateLimiter | undefined>();
  const limiterOf = async ({ numberId, requestedService }: Message) => {
    if (requestedService === 'whatsapp') return undefined;
    if (!limiters.has(numberId)) limiters.set(numberId, await rateLimiterFor(tx, numberId, pace, now));
    return limiters.get(numberId);
  };
  const ended: Message[] = [];
  for (const message of expired) {
    const limiter = message.status === 'queued' ? await limiterOf(message) : undefined;
    const isExtendable = !message.hasRequestedExpiry && !message.isDeferred;
    const expiresAt = isExtendable ? await limiter?.expiryOf(message, messageTtlMs) : undefined;
    if (expiresAt !== undefined && expiresAt > now) {
      await tx.messages.setExpiry(message, expiresAt);
      continue;
    }
    const reason = message.status === 'queued' ? await reasonOf(message, limiter, context) : undefined;
    const explanation = reason && waitMessage({ reason });
    const changed = transition(message, { kind: 'expire', explanation }, now);
    if (changed === undefined) continue;
    await recordTransition(tx, changed, { now, ids });
    ended.push(message);
  }
  return ended;
}

/** Returns the reason of the delay. */
async function reasonOf(
  message: Message,
  limiter: RateLimiter | undefined,
  { hasTarget }: ExpireContext,
): Promise<WaitReason | undefined> {
  if (message.isDeferred && message.deferReason !== null) return message.deferReason;
  const decision = await limiter?.decide(message);
  if (decision?.kind === 'defer') return decision.reason;
  return (await hasTarget(message.numberId)) ? undefined : 'no_device';
}
