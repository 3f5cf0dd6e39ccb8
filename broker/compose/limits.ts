/** Composes the rate limits of a broker: in memory with SQLite, for all brokers together with PostgreSQL. */
import { SharedLimits } from '../cluster/shared-limits.ts';
import { localLimits } from '../core/accounts/minute-limit.ts';
import type { RateLimits } from '../core/ports/rate-limits.ts';
import { createRateWindows, type DatabaseAddress } from '../store/open.ts';
import type { ClusterMember } from './cluster-member.ts';
import type { Runtime } from './runtime.ts';

export interface ComposedLimits {
  limits: RateLimits;
  close(): Promise<void>;
}

/** `member` is undefined with SQLite. */
export async function composeLimits(
  { log, now, monotonicNow }: Runtime,
  address: DatabaseAddress,
  member: ClusterMember | undefined,
): Promise<ComposedLimits> {
  if (member === undefined || address.engine === 'sqlite') {
    return { limits: localLimits(monotonicNow), close: async () => {} };
  }
  const { brokerId, peers } = member;
  const limits = new SharedLimits({
    windows: await createRateWindows(address, brokerId),
    now,
    aloneForMs: () => peers.aloneForMs(),
    onFailing: (error) =>
      log.warn({ err: error }, 'the database does not count rate limits; requests get 503 meanwhile'),
    onRecovered: () => log.info('the database counts rate limits again'),
  });
  peers.onJoin(() => limits.write());
  return { limits, close: () => limits.close() };
}
