/**
 * Causes faults in a cluster: kills and restarts brokers, pauses one, restarts PostgreSQL, moves devices and cuts
 * connections. A broker is killed or paused only while another one runs.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { HomingProcess } from '../homing-process.ts';
import { until } from '../until.ts';
import type { Cluster } from './cluster.ts';

const KILL_EVERY_MS = 4_500;
const MOVE_EVERY_MS = 500;
const MOVES = 2;
const CUTS = 1;
const PAUSE_MS = 30_000;
const START_MAX_MS = 60_000;

export interface FaultCounts {
  kills: number;
  moves: number;
  cuts: number;
  pauses: number;
  serverRestarts: number;
}

export class Faults {
  readonly counts: FaultCounts = { kills: 0, moves: 0, cuts: 0, pauses: 0, serverRestarts: 0 };
  /** Brokers that had ended before they were killed. */
  readonly unexpectedExits: string[] = [];
  readonly #cluster: Cluster;
  readonly #random: () => number;
  readonly #tokens: readonly string[];
  /** Brokers that are neither paused nor being restarted. */
  readonly #running: Set<HomingProcess>;

  constructor(cluster: Cluster, tokens: readonly string[], random: () => number) {
    this.#cluster = cluster;
    this.#tokens = tokens;
    this.#random = random;
    this.#running = new Set(cluster.brokers);
  }

  /** Kills a broker every few seconds, and restarts it, until `isOver`. */
  async kill(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await wait(KILL_EVERY_MS * (0.7 + 0.6 * this.#random()));
      if (isOver() || this.#running.size < 2) continue;
      const broker = this.#take();
      if (!isRunning(broker)) this.unexpectedExits.push(`${broker.url}\n${broker.log()}`);
      await broker.kill();
      this.counts.kills += 1;
      await broker.restart();
      this.#running.add(broker);
    }
  }

  /** Pauses a broker, and waits until it serves again. */
  async pause(): Promise<void> {
    await until('two running brokers', () => this.#running.size > 1, START_MAX_MS);
    const broker = this.#take();
    const logged = broker.log().length;
    process.kill(broker.pid(), 'SIGSTOP');
    this.counts.pauses += 1;
    await wait(PAUSE_MS);
    process.kill(broker.pid(), 'SIGCONT');
    await until(
      'the paused broker to start again',
      () => broker.log().includes('starting again', logged),
      START_MAX_MS,
    );
    this.#running.add(broker);
  }

  async restartServer(): Promise<void> {
    const { server } = this.#cluster;
    await server.stop('fast');
    await server.start();
    this.counts.serverRestarts += 1;
  }

  /** Moves devices between brokers and cuts connections of API clients until `isOver`. */
  async move(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await wait(MOVE_EVERY_MS);
      for (let left = MOVES; left > 0; left -= 1) {
        const token = this.#pick(this.#tokens);
        if (token === undefined) continue;
        this.#cluster.proxy.move(token);
        this.counts.moves += 1;
      }
      this.#cluster.proxy.cutRequests(CUTS);
      this.counts.cuts += CUTS;
    }
  }

  #take(): HomingProcess {
    const broker = this.#pick([...this.#running]);
    if (broker === undefined) throw new Error('No broker runs.');
    this.#running.delete(broker);
    return broker;
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.#random() * values.length)];
  }
}

export function isRunning(broker: HomingProcess): boolean {
  try {
    return process.kill(broker.pid(), 0);
  } catch {
    return false;
  }
}
