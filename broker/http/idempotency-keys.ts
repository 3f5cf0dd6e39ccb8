/** Idempotency keys in bodies: the key alone counts, for as long as its message is kept. */
import { z } from 'zod';
import type { Idempotency } from '../core/messages/accept-message.ts';

const FORM = /^[\x20-\x7e]{8,128}$/;

export const idempotencyKey = z
  .string({ error: "'idempotency_key' must be a string." })
  .regex(FORM, { error: "'idempotency_key' must be 8 to 128 printable ASCII characters." })
  .describe('A repeat with the same key gets the first answer and sends nothing.');

/** The same key means the same message, whether it comes by Textree's API or by one of its tools. */
export function idempotencyOf(key: string | null | undefined): Idempotency | undefined {
  // No header of another API can hold a line break.
  return key == null ? undefined : { key: `textree\n${key}`, comparesBody: false };
}
