/** Until when a message waits, and why. */
import type { Message } from '../model/message.ts';
import type { PaceDefaults, WaitReason } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';
import { paceAt } from './rate-limiter.ts';

export interface Wait {
  /** Epoch ms; null: nobody knows. */
  until: number | null;
  reason: WaitReason;
}

export interface WaitContext {
  pace: PaceDefaults;
  now: number;
  /** How many devices are there to take the texts of a live number. */
  countTargets(numberId: string): number;
}

/** Undefined: it waits for nothing, or only for its turn. */
export async function waitOf(
  read: Queries,
  message: Message,
  context: WaitContext,
): Promise<Wait | undefined> {
  if (message.status !== 'queued') return undefined;
  const { isDeferred, deferredUntil, deferReason, expiresAt, numberId } = message;
  if (isDeferred && deferReason !== null) {
    return { until: deferredUntil! < expiresAt ? deferredUntil : null, reason: deferReason };
  }
  const pace =
    message.requestedService === 'whatsapp'
      ? undefined
      : await paceAt(read, numberId, context.pace, context.now);
  const gate = await pace?.gate();
  if (gate !== undefined && gate.room <= 0) return { until: gate.until, reason: gate.reason! };
  const verdict = await pace?.outlook(message);
  if (verdict?.kind === 'hold') {
    return { until: verdict.until < expiresAt ? verdict.until : null, reason: verdict.reason };
  }
  const isLive = (await read.numbers.paced(numberId))?.environment === 'live';
  return isLive && context.countTargets(numberId) === 0 ? { until: null, reason: 'no_device' } : undefined;
}

const WORDS: Readonly<Record<WaitReason, string>> = {
  messages_per_second: 'The number sends as many messages a second as it may.',
  messages_per_minute: 'The number has sent as many messages as it may in a minute.',
  messages_per_day: 'The number has sent as many messages as it may in a day.',
  new_contacts_per_hour: 'The number has written to as many new contacts as it may in an hour.',
  new_contacts_per_day: 'The number has written to as many new contacts as it may in a day.',
  quiet_hours: 'The number has quiet hours.',
  outside_windows: 'It is outside of the hours of the week in which the number sends.',
  unanswered: 'The recipient has not answered as many messages as they may get in a row.',
  scheduled: 'It is to be sent later.',
  no_device: 'No device of the number is connected.',
};

export function waitMessage({ reason }: Pick<Wait, 'reason'>): string {
  return WORDS[reason];
}
