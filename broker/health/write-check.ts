/** Checks that the store can write as much as some messages need, by a write that is deleted again. */
import type { Store } from '../core/ports/store.ts';

/** Requests within this time share one check: the health check needs no key, and a write costs more than a read. */
const VALID_MS = 5_000;
const BYTES = 64 * 1024;
/** Below every id. The nightly job deletes the chunk if the broker ends between the two transactions. */
const CHUNK_ID = '0-write-check';

/** Returns a function that rejects with the error of the store if it cannot write. */
export function createWriteCheck(store: Store): () => Promise<void> {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let result = Promise.resolve();
  const check = async () => {
    await store.transaction((tx) => tx.media.putChunk(CHUNK_ID, 0, Buffer.alloc(BYTES, 1)));
    await store.transaction((tx) => tx.media.dropChunks(CHUNK_ID, 0));
  };
  return () => {
    const now = performance.now();
    if (now - checkedAt >= VALID_MS) {
      checkedAt = now;
      result = check();
      // Without a waiting request, the rejection would end the process.
      result.catch(() => {});
    }
    return result;
  };
}
