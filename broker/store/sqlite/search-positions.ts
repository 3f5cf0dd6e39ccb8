/** Defines the positions of messages in the full-text index: they follow the time of creation. */

/** Positions start at the release of the iPhone; no message is older. Safe integers of JavaScript last until 2076. */
const EPOCH = Date.UTC(2007, 0);
/** Number of positions for the messages of one millisecond. */
export const PER_MILLISECOND = 4_096;

export function firstPositionAt(at: number): number {
  return Math.max(0, at - EPOCH) * PER_MILLISECOND;
}
