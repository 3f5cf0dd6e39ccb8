/**
 * Runs a broker as long as the process runs. On PostgreSQL it stands by while a broker of an earlier version is active, and
 * starts again if the other brokers have taken over its work, for example because the process was paused.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ServerClock } from './cluster/server-clock.ts';
import { listen } from './compose/lifecycle.ts';
import type { FirstKeys } from './compose/store.ts';
import type { Config } from './config.ts';
import { HomingError } from './core/model/errors.ts';
import type { PlanTable } from './core/model/plan.ts';
import { createStandbyServer } from './http/standby-server.ts';
import { startBroker } from './main.ts';
import { readPlans } from './plans-file.ts';
import { createMembership, type DatabaseAddress } from './store/open.ts';
import { DatabaseError, isStorageFault } from './store/postgres/errors.ts';
import type { Membership } from './store/postgres/membership.ts';
import { storeAddress } from './store-address.ts';

/** Starts that may lose the database before the broker has listened once. */
const LOST_STARTS = 5;
const RESTART_DELAY_MS = 500;

export interface Listening {
  /** The address at which the broker listens. */
  url: string;
  publicUrl: string;
  /** Whether a broker of an earlier version is active. */
  standsBy: boolean;
  /** Created at the very first start and shown only then. */
  firstKeys: FirstKeys | undefined;
}

export interface BrokerRun extends Listening {
  /** Resolves to the first problem of the database file that the check after the start found; undefined: none. */
  damage: Promise<string | undefined>;
  /** Settles after `stop`. Rejects if the broker cannot run on, for example because the schema is of a newer version. */
  ended: Promise<void>;
  /** Settles when running requests have ended and the store is closed. */
  stop(): Promise<void>;
}

/** Settles once the broker listens, active or standing by. */
export async function runBroker(
  config: Config,
  log: Logger,
  plans = readPlans(config.plansFile),
): Promise<BrokerRun> {
  const address = storeAddress(config);
  if (address.engine === 'sqlite') {
    const broker = await startBroker(config, log, plans);
    const ended = Promise.withResolvers<void>();
    const stop = () => broker.stop().then(ended.resolve);
    return { ...broker, standsBy: false, ended: ended.promise, stop };
  }
  const stopping = new AbortController();
  const listening = Promise.withResolvers<Listening>();
  const turns = new Turns({ config, log, plans, address, signal: stopping.signal });
  const ended = turns.run(listening.resolve);
  ended.catch(listening.reject);
  return {
    ...(await listening.promise),
    damage: Promise.resolve(undefined),
    ended,
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

interface TurnsOptions {
  config: Config;
  log: Logger;
  plans: PlanTable;
  address: DatabaseAddress & { engine: 'postgres' };
  /** Ends the run. */
  signal: AbortSignal;
}

/** The turns of a broker on PostgreSQL: standing by, then a member of the brokers, and so on. */
class Turns {
  readonly #options: TurnsOptions;
  /** The same in each turn, so that the address stays. */
  #port: number;
  #hasListened = false;
  #lostStarts = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#port = options.config.port;
  }

  async run(onListening: (listening: Listening) => void): Promise<void> {
    while (!this.#options.signal.aborted) {
      const clock = new ServerClock();
      const membership = await this.#newMembership(clock);
      try {
        if (await this.#enter(membership, onListening)) await this.#serve(membership, clock, onListening);
      } catch (error) {
        await this.#assertLost(error);
      } finally {
        await membership.release();
      }
    }
  }

  /** Returns false if the run ends before. */
  async #enter(membership: Membership, onListening: (listening: Listening) => void): Promise<boolean> {
    if (!this.#hasListened && (await membership.tryEnter())) return true;
    return this.#standBy(membership, onListening);
  }

  /** A broker that has run once outlives the database, and its start outlives a restart of it. @throws any other error */
  async #assertLost(error: unknown): Promise<void> {
    const { log } = this.#options;
    const isPermanent =
      (error instanceof DatabaseError && !error.isTransient) ||
      (error as NodeJS.ErrnoException).syscall === 'listen';
    const isLost = isStorageFault(error) || (error instanceof HomingError && error.code === 'unavailable');
    if (isPermanent || !isLost) throw error;
    if (this.#hasListened) {
      log.error({ err: error }, 'the database was lost; standing by');
      return;
    }
    this.#lostStarts += 1;
    if (this.#lostStarts === LOST_STARTS) throw lostDuringStart(error);
    log.warn({ err: error }, 'the database was lost during the start; starting again');
    await delay(RESTART_DELAY_MS);
  }

  #newMembership(clock: ServerClock): Promise<Membership> {
    const { address, log } = this.#options;
    return createMembership(address, clock, (reason, secondsLeft) =>
      log.warn({ secondsLeft }, `${reason} Waiting for the database.`),
    );
  }

  /** Answers with 503 until the broker enters. Returns false if the run ends before. */
  async #standBy(membership: Membership, onListening: (listening: Listening) => void): Promise<boolean> {
    const { config, log, signal } = this.#options;
    const server = createStandbyServer();
    const url = await listen(server, { host: config.host, port: this.#port });
    this.#port = (server.address() as AddressInfo).port;
    log.info(
      { url },
      'standing by: the database is not available, or a broker of an earlier version is active',
    );
    this.#hasListened = true;
    onListening({ url, publicUrl: config.publicUrl ?? url, standsBy: true, firstKeys: undefined });
    const isEntered = await membership.enter(signal);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    return isEntered;
  }

  /** Settles when the broker has stopped, because the run ends or the others have removed it. */
  async #serve(
    membership: Membership,
    clock: ServerClock,
    onListening: (listening: Listening) => void,
  ): Promise<void> {
    const { config, log, plans, signal } = this.#options;
    const removed = Promise.withResolvers<'removed'>();
    const broker = await startBroker({ ...config, port: this.#port }, log, plans, {
      ...{ membership, clock },
      onRemoved: () => removed.resolve('removed'),
    });
    this.#port = Number(new URL(broker.url).port);
    log.info({ url: broker.url }, 'broker started');
    this.#hasListened = true;
    onListening({ ...broker, standsBy: false });
    const reason = await Promise.race([removed.promise, aborted(signal)]);
    if (reason === 'removed')
      log.warn('the other brokers have taken over the work of this one; starting again');
    await broker.stop(reason);
  }
}

function lostDuringStart(cause: unknown): DatabaseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseError(
    `The database was lost ${LOST_STARTS} times during the start: ${reason}. Check its log, and start the broker again.`,
    { cause },
  );
}

async function aborted(signal: AbortSignal): Promise<'stopped'> {
  if (!signal.aborted) await once(signal, 'abort');
  return 'stopped';
}
