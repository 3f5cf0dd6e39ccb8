/** Explains until when and why a queued message waits. */
import type { Message } from '../model/message.ts';
import type { PaceDefaults, WaitReason } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';
import { rateLimiterFor } from './rate-limiter.ts';

export interface Wait {
  /** Epoch ms; null: unknown. */
  until: number | null;
  reason: WaitReason;
}

export interface WaitContext {
  pace: PaceDefaults;
  now: number;
  /** Number of connected targets that send texts for a live number. */
  countTargets(numberId: string): number;
}

/** Returns undefined if the message waits for nothing except its turn. */
export async function waitOf(
  read: Queries,
  message: Message,
  context: WaitContext,
): Promise<Wait | undefined> {
  if (message.status !== 'queued') return undefined;
  const { isDeferred, deferredUntil, deferReason, expiresAt, numberId } = message;
  const beforeExpiry = (until: number) => (until < expiresAt ? until : null);
  if (isDeferred && deferReason !== null && deferredUntil !== null) {
    return { until: beforeExpiry(deferredUntil), reason: deferReason };
  }
  const isPaced = message.requestedService !== 'whatsapp';
  const limiter = isPaced ? await rateLimiterFor(read, numberId, context.pace, context.now) : undefined;
  const decision = await limiter?.decide(message);
  if (decision?.kind === 'defer') {
    const { scope, until, reason } = decision;
    return { until: scope === 'message' ? beforeExpiry(until) : until, reason };
  }
  const isLive = (await read.numbers.paced(numberId))?.environment === 'live';
  return isLive && context.countTargets(numberId) === 0 ? { until: null, reason: 'no_device' } : undefined;
}

const SENTENCES: Readonly<Record<WaitReason, string>> = {
  messages_per_second: 'The number has reached its limit of messages per second.',
  messages_per_minute: 'The number has reached its limit of messages per minute.',
  messages_per_day: 'The number has reached its limit of messages per day.',
  new_contacts_per_hour: 'The number has reached its limit of new contacts per hour.',
  new_contacts_per_day: 'The number has reached its limit of new contacts per day.',
  quiet_hours: 'The number is in its quiet hours.',
  outside_windows: 'The time is outside the weekly sending windows of the number.',
  unanswered: 'The recipient has not replied to the maximum number of messages in a row.',
  scheduled: 'The message is scheduled for later.',
  no_device: 'No device of the number is connected.',
};

export function waitMessage({ reason }: Pick<Wait, 'reason'>): string {
  return SENTENCES[reason];
}
