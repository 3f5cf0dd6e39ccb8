/** The field `waiting` of a queued message: until when and why it is not sent yet. */
import { z } from 'zod';
import { type Wait, waitMessage } from '../core/dispatch/waiting.ts';
import { formatTimeOrNull } from './timestamps.ts';

const time = z.iso.datetime();

export const waiting = z.object({
  until: time
    .nullable()
    .describe('Earliest time of sending, from all limits and the messages ahead; null: unknown.'),
  reason: z.string().describe('The limit or the circumstance that sets the time.'),
  message: z.string().describe('The reason as a sentence.'),
  expires_first: z.literal(true).optional().describe('The message expires before it can be sent.'),
});

/** Returns the field, or no field if the message does not wait. */
export function waitingField(wait: Wait | undefined): { waiting?: z.infer<typeof waiting> } {
  return wait === undefined ? {} : { waiting: serializeWait(wait) };
}

export function serializeWait(wait: Wait): z.infer<typeof waiting> {
  return {
    until: formatTimeOrNull(wait.until),
    reason: wait.reason,
    message: waitMessage(wait),
    ...(wait.expiresFirst ? { expires_first: true } : {}),
  };
}
