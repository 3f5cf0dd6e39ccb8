/**
 * Starts a broker: opens the store, composes the core and the APIs, listens, and starts the jobs. Only the modules of
 * `compose/` construct parts, read the clock or start timers.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ownVersion } from '../shared/version.ts';
import { recordBroker } from './broker-record.ts';
import { composeApis } from './compose/apis.ts';
import { composeCore } from './compose/core.ts';
import { listen, startCore, stopBroker } from './compose/lifecycle.ts';
import { createRuntime, type Runtime } from './compose/runtime.ts';
import { type ActiveRole, type FirstKeys, type OpenedStore, openStore } from './compose/store.ts';
import type { Config } from './config.ts';
import type { AnyApi } from './http/operation.ts';
import { createHttpServer } from './http/server.ts';
import { readPlans } from './plans-file.ts';
import { checkInBackground } from './store/sqlite/database-file.ts';
import { storeAddress } from './store-address.ts';

const CHECK_AFTER_MS = 30_000;

export interface Broker {
  /** The address at which the broker listens. */
  url: string;
  publicUrl: string;
  /** Every operation that the broker serves, as data. */
  apis: readonly AnyApi[];
  /** Created at the very first start and shown only then. */
  firstKeys: FirstKeys | undefined;
  /** Resolves to the first problem of the database file that the check after the start found; undefined: none. */
  damage: Promise<string | undefined>;
  /** Settles when running requests have ended and the store is closed. */
  stop(): Promise<void>;
}

/**
 * Starts an active broker. Settles once it listens. `role`: with PostgreSQL, the lock of the active broker; by default the
 * broker takes it, and fails if another broker has it.
 */
export async function startBroker(
  config: Config,
  log: Logger,
  plans = readPlans(config.plansFile),
  role?: ActiveRole,
): Promise<Broker> {
  const runtime = createRuntime(config, log, plans);
  const opened = await openStore(runtime, role);
  try {
    return await startWith(runtime, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The caller closes the store if the start fails. */
async function startWith(runtime: Runtime, { store, createFirstKeys, close }: OpenedStore): Promise<Broker> {
  const { config, log } = runtime;
  let url = '';
  const core = await composeCore(runtime, store, () => url);
  const served = composeApis(runtime, core);
  const { apis, sockets, serveContext, connections } = served;
  const server = createHttpServer({ apis, context: serveContext, upgrade: sockets.upgrade, connections });
  url = await listen(server, config);
  // After `listen`: if the port is in use, the keys would be lost.
  const start = async () => ({ firstKeys: await createFirstKeys(), jobs: await startCore(runtime, core) });
  const { firstKeys, jobs } = await start().catch((error) => {
    core.sandbox.stop();
    server.close();
    server.closeAllConnections();
    throw error;
  });
  const removeRecord = recordBroker(config.dataDir, {
    url: core.address.publicUrl(),
    localUrl: url,
    version: ownVersion(),
    pid: process.pid,
    startedAt: runtime.now(),
  });
  const address = storeAddress(config);
  const check = address.engine === 'sqlite' ? checkInBackground(address.file, CHECK_AFTER_MS) : undefined;
  const lateModules = nextTurn().then(() => runtime.lateModules.loadAll().catch(runtime.onFault));

  const stop = async () => {
    check?.stop();
    removeRecord();
    await lateModules;
    await stopBroker(runtime, core, { server, served, jobs });
    await close();
    log.info('stopped');
  };
  let stopping: Promise<void> | undefined;
  return {
    url,
    publicUrl: core.address.publicUrl(),
    apis,
    firstKeys,
    damage: check?.problem ?? Promise.resolve(undefined),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
