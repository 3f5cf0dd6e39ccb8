/** Stores the events of a tenant while it reads them: for three days after the last reading. */
import type { Store } from '../ports/store.ts';

const RECORD_MS = 3 * 24 * 3_600_000;
/** The end is not written with each reading. */
const RENEW_MS = 3_600_000;

export async function extendRecording(
  store: Pick<Store, 'read' | 'transaction'>,
  tenantId: number,
  now: number,
): Promise<void> {
  const until = await store.read.streams.recordedUntil(tenantId);
  if (until - now > RECORD_MS - RENEW_MS) return;
  await store.transaction((tx) => tx.streams.recordUntil(tenantId, now + RECORD_MS));
}
