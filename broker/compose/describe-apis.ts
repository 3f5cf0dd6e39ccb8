/** Describes the APIs without starting a broker: no data folder, no lock, no timer and no socket. */
import { pino } from 'pino';
import { parseConfig, readSettings } from '../config.ts';
import { localLimits } from '../core/accounts/minute-limit.ts';
import { DEFAULT_PLANS } from '../core/model/plan.ts';
import { singleBroker } from '../core/ports/cluster.ts';
import type { AnyApi } from '../http/operation.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { composeApis } from './apis.ts';
import { composeCore } from './core.ts';
import { createRuntime } from './runtime.ts';

/** Returns every operation as data. The handlers must not be called. */
export async function describeApis(): Promise<readonly AnyApi[]> {
  const runtime = createRuntime(parseConfig(readSettings({})), pino({ level: 'silent' }), DEFAULT_PLANS);
  const { store } = openSqliteStore({ file: ':memory:' });
  try {
    const core = await composeCore(runtime, {
      ...{ store, cluster: singleBroker(runtime.ids()), limits: localLimits(runtime.monotonicNow) },
      listening: () => 'http://127.0.0.1:8080',
    });
    return composeApis(runtime, core).apis;
  } finally {
    await store.close();
  }
}
