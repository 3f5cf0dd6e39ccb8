/** What a sender keeps with a message for itself: a small JSON object that is echoed back. */
import { z } from 'zod';

const METADATA_MAX_BYTES = 4 * 1024;

export const metadataRule = z
  .record(z.string(), z.unknown(), { error: "'metadata' must be a JSON object." })
  .refine((given) => bytesOf(given) <= METADATA_MAX_BYTES, {
    error: `'metadata' must be at most ${METADATA_MAX_BYTES / 1024} KB as JSON.`,
  });

/** What is nested too deep to be written is too large as well. */
function bytesOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
