/** Waits for a condition, instead of a fixed time. */
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;

/** Calls `check` until it returns a value other than undefined, null or false. Throws after the timeout. */
export async function until<T>(
  condition: string,
  check: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== null && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`Timed out after ${timeoutMs} ms waiting for ${condition}.`);
    await wait(POLL_MS);
  }
}
