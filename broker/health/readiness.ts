/** Checks whether a broker can serve requests. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';
import { createWriteCheck } from './write-check.ts';

export const CHECKS = ['accepts_requests', 'database_reads', 'database_writes', 'among_brokers'] as const;

export interface FailedCheck {
  check: (typeof CHECKS)[number];
  /** The problem and the next step, for people. */
  message: string;
}

const CANNOT_WRITE =
  'The store cannot write. SQLite: check the free space of the disk and HOMING_MAX_DATABASE_MB. PostgreSQL: check that the ' +
  'server runs, and that it is not a standby server.';

/** Load balancers wait for some seconds. The store itself waits longer for a lost database. */
const CHECK_MAX_MS = 2_000;

export interface ReadinessOptions {
  store: Store;
  cluster: Pick<Cluster, 'isCurrent'>;
  isStopping: () => boolean;
}

/** Returns a function that returns the failed checks. */
export function createReadiness({
  store,
  cluster,
  isStopping,
}: ReadinessOptions): () => Promise<FailedCheck[]> {
  const checkWrites = createWriteCheck(store);
  return async () => {
    if (isStopping()) return [{ check: 'accepts_requests', message: 'The broker is stopping.' }];
    const [reads, writes] = await Promise.all([
      succeeds(store.read.accounts.findBySlug('default')),
      succeeds(checkWrites()),
    ]);
    const failed: FailedCheck[] = [];
    if (!reads) failed.push({ check: 'database_reads', message: 'The store does not respond.' });
    if (!writes) {
      failed.push({ check: 'database_writes', message: CANNOT_WRITE });
    }
    if (!cluster.isCurrent()) {
      const message =
        'The broker has no contact to the other brokers: its session at the database is lost, or the process was paused.';
      failed.push({ check: 'among_brokers', message });
    }
    return failed;
  };
}

async function succeeds(check: Promise<unknown>): Promise<boolean> {
  const ending = new AbortController();
  const late = delay(CHECK_MAX_MS, false, { signal: ending.signal }).catch(() => false);
  const isDone = await Promise.race([
    check.then(
      () => true,
      () => false,
    ),
    late,
  ]);
  ending.abort();
  return isDone;
}
