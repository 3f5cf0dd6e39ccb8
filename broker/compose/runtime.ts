/** Provides the shared runtime of the broker: settings, log, clock, ids, randomness, timers and metrics. */
import type { Logger } from 'pino';
import { createResumableIdSource, type IdSource, type ResumableIdSource } from '../../shared/ids.ts';
import { maskHandle } from '../../shared/phone-numbers.ts';
import type { Config } from '../config.ts';
import type { PlanTable } from '../core/model/plan.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import { type BrokerMetrics, createBrokerMetrics } from '../metrics/broker-metrics.ts';
import { secrets } from '../secrets.ts';
import { LateModules } from './late-modules.ts';

export interface Runtime {
  config: Config;
  log: Logger;
  plans: PlanTable;
  now: () => number;
  /**
   * Milliseconds on a clock that is never set. It starts at the time of the system clock, so that lease ends remain
   * comparable after a restart. For leases, liveness and intervals.
   */
  monotonicNow: () => number;
  ids: IdSource;
  idClock: Omit<ResumableIdSource, 'next'>;
  secrets: Secrets;
  brokerMetrics: BrokerMetrics;
  lateModules: LateModules;
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Logs the error of a job that no request waits for. */
  onFault(error: unknown): void;
  /** Formats a handle for the log: masked, unless the settings allow whole numbers. */
  formatNumber(handle: string): string;
}

/** Replace the clock and the randomness, for recordings and tests. */
export type RuntimeOverrides = Partial<Pick<Runtime, 'now' | 'monotonicNow' | 'after' | 'secrets'>>;

export function createRuntime(
  config: Config,
  log: Logger,
  plans: PlanTable,
  { now = () => Date.now(), ...overrides }: RuntimeOverrides = {},
): Runtime {
  const startedAt = now() - performance.now();
  const ids = createResumableIdSource(now);
  return {
    config,
    log,
    plans,
    now,
    monotonicNow: () => Math.floor(startedAt + performance.now()),
    ids: ids.next,
    idClock: ids,
    secrets,
    brokerMetrics: createBrokerMetrics(),
    lateModules: new LateModules(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onFault: (error) => log.error({ err: error }, 'background work failed'),
    formatNumber: config.logNumbers ? (handle) => handle : maskHandle,
    ...overrides,
  };
}
