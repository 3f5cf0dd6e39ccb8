/** Defines look-up results: the service that reaches a handle. */

export const LOOKUP_SERVICES = ['imessage', 'sms', 'unknown'] as const;
export type LookupService = (typeof LOOKUP_SERVICES)[number];

export const LOOKUP_SOURCES = ['history', 'device'] as const;

export interface Lookup {
  handle: string;
  service: LookupService;
  /** `history`: the own messages with the handle. */
  source: (typeof LOOKUP_SOURCES)[number];
  /** Epoch ms. */
  checkedAt: number;
}

const KNOWN_MS = 24 * 3_600_000;
const UNKNOWN_MS = 10 * 60_000;
/** No cached result is valid longer. */
export const LOOKUP_MAX_MS = KNOWN_MS;

/** A result from the future is not valid: the clock was set back. */
export function isFresh({ service, checkedAt }: Lookup, now: number): boolean {
  const age = now - checkedAt;
  return age >= 0 && age < (service === 'unknown' ? UNKNOWN_MS : KNOWN_MS);
}
