/** Waits for a condition instead of sleeping for a guess. */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 20;

/** Looks until the answer is neither undefined, null nor false, and gives it; fails with what it waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  timeoutMs = 15_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await wait(LOOK_MS);
  }
}
