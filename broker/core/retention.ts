/** Deletes history in small steps, so that sends go on between them. What is under way is never deleted. */
import { firstIdAt } from '../../shared/ids.ts';
import type { Store } from './store-port.ts';

const STEP = 500;
const IDEMPOTENCY_KEPT_MS = 2 * 24 * 3_600_000;

/** Deletes messages created before the time (epoch ms) with their timelines. @returns how many. */
export async function purgeHistory(store: Store, before: number): Promise<number> {
  let deleted = 0;
  for (;;) {
    const step = await store.transaction((tx) => tx.messages.purge(firstIdAt(before), STEP));
    deleted += step;
    if (step < STEP) break;
  }
  await store.transaction((tx) => tx.idempotency.purge(before - IDEMPOTENCY_KEPT_MS));
  return deleted;
}
