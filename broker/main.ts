/**
 * Starts a broker: opens the store, composes the core and the APIs, listens, and starts the jobs. Only the modules of
 * `compose/` construct parts, read the clock or start timers.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ownVersion } from '../shared/version.ts';
import { recordBroker, recordedBroker } from './broker-record.ts';
import { ServerClock } from './cluster/server-clock.ts';
import { composeApis } from './compose/apis.ts';
import { ClusterMember, type EnteredBroker } from './compose/cluster-member.ts';
import { composeCore } from './compose/core.ts';
import { listen, type StopReason, startCore, stopBroker } from './compose/lifecycle.ts';
import { createRuntime, type Runtime } from './compose/runtime.ts';
import { type FirstKeys, type OpenedStore, openStore } from './compose/store.ts';
import type { Config } from './config.ts';
import type { AnyApi } from './http/operation.ts';
import { createHttpServer } from './http/server.ts';
import { readPlans } from './plans-file.ts';
import { createMembership } from './store/open.ts';
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
  stop(reason?: StopReason): Promise<void>;
}

/**
 * Starts a broker. Settles once it listens. `given`: with PostgreSQL, the broker among those of its database; by default it
 * enters them, and fails while a broker of an earlier version is active.
 */
export async function startBroker(
  config: Config,
  log: Logger,
  plans = readPlans(config.plansFile),
  given?: EnteredBroker,
): Promise<Broker> {
  const entered = given ?? (await enterBrokers(config));
  const runtime = createRuntime(config, log, plans, entered && timesOf(entered.clock));
  const opened = await openStore(runtime, entered && new ClusterMember(runtime, entered));
  try {
    return await startWith(runtime, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

const timesOf = ({ now, monotonicNow }: ServerClock) => ({ now, monotonicNow });

/** Returns undefined with SQLite. @throws Error while a broker of an earlier version is active on the database */
async function enterBrokers(config: Config): Promise<EnteredBroker | undefined> {
  const address = storeAddress(config);
  if (address.engine === 'sqlite') return undefined;
  const clock = new ServerClock();
  const membership = await createMembership(address, clock);
  if (await membership.tryEnter()) return { membership, clock, onRemoved: () => {} };
  await membership.release();
  throw new Error('A broker of an earlier version is active on the database. Stop it first.');
}

/** The caller closes the store if the start fails. */
async function startWith(
  runtime: Runtime,
  { store, cluster, limits, createFirstKeys, close }: OpenedStore,
): Promise<Broker> {
  const { config, log } = runtime;
  let url = '';
  const core = await composeCore(runtime, { store, cluster, limits, listening: () => url });
  const served = composeApis(runtime, core);
  const { apis, sockets, serveContext, connections } = served;
  const server = createHttpServer({ apis, context: serveContext, upgrade: sockets.upgrade, connections });
  // The predecessor of this broker on the data folder has ended.
  const predecessor = recordedBroker(config.dataDir)?.brokerId;
  if (cluster instanceof ClusterMember) await cluster.peers.allAcknowledged(predecessor);
  url = await listen(server, config);
  // After `listen`: if the port is in use, the keys would be lost.
  const start = async () => ({
    firstKeys: await createFirstKeys(),
    jobs: await startCore(runtime, core, predecessor),
  });
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
    brokerId: cluster.brokerId,
    startedAt: runtime.now(),
  });
  const address = storeAddress(config);
  const check = address.engine === 'sqlite' ? checkInBackground(address.file, CHECK_AFTER_MS) : undefined;
  const lateModules = nextTurn().then(() => runtime.lateModules.loadAll().catch(runtime.onFault));

  const stop = async (reason: StopReason) => {
    check?.stop();
    removeRecord();
    await lateModules;
    await stopBroker(runtime, core, { server, served, jobs }, reason);
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
    stop: (reason = 'stopped') => {
      stopping ??= stop(reason);
      return stopping;
    },
  };
}
