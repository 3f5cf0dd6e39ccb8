/**
 * Starts the measured programs as separate processes: the built Homing, and the baselines.
 * Their folders are in `.cache/bench`, on the disk of the checkout. A temporary folder may be in memory, where a sync
 * costs nothing.
 */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PostgresServer, startPostgres } from '../test/support/postgres/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const HOMING = join(root, 'dist/cli/main.js');
/** The command of a user, which also checks that the checkout is prepared. */
const COMMAND = join(root, 'bin/homing.mjs');
const ACCOUNT_NUMBER = '+14155550100';
const UNLIMITED = {
  enterprise: {
    api_requests_per_minute: 1e9,
    messages_per_minute: 1e9,
    messages_per_month: null,
    numbers: null,
    media: true,
  },
};

export interface Program {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

export interface Homing extends Program {
  dataDir: string;
  liveKey: string;
}

export interface PairedHoming extends Homing {
  number: string;
  deviceToken: string;
  /** Stops the program and leaves its folder, so that the benchmark can write into it. */
  pause(): Promise<void>;
}

export function makeFolder(): string {
  const parent = join(root, '.cache/bench');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'run-'));
}

/** Returns a port that is free now, for programs that do not accept port 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Starts `homing serve` on a free port, with an unlimited plan. Only the first start of a folder returns `liveKey`. */
export async function startHoming(dataDir: string, env: Record<string, string> = {}): Promise<Homing> {
  const child = spawn(process.execPath, [HOMING, 'serve', '--json'], {
    env: { ...homingEnvironment(dataDir), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await firstOf(child, once(createInterface(child.stdout), 'line'), 'homing serve');
  const { url, live_key: liveKey } = JSON.parse(line as string);
  return { pid: pidOf(child), port: Number(new URL(url).port), dataDir, liveKey, stop: () => end(child) };
}

/** Starts Homing in a new folder, with one paired number and no connected device. `stop` removes the folder. */
export async function startPairedHoming(env: Record<string, string> = {}): Promise<PairedHoming> {
  const dataDir = makeFolder();
  const homing = await startHoming(dataDir, env);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [HOMING, 'pair', ACCOUNT_NUMBER, '--name', 'Bench', '--json'],
    { env: { ...homingEnvironment(dataDir), ...env } },
  );
  const { token, number } = JSON.parse(stdout);
  const stop = async () => {
    await homing.stop();
    removeFolder(dataDir);
  };
  return { ...homing, number, deviceToken: token, pause: homing.stop, stop };
}

/** Copies the database in the folder to `DATABASE_URL`. */
export async function migrateDatabase(dataDir: string, env: Record<string, string>): Promise<void> {
  await promisify(execFile)(process.execPath, [HOMING, 'database', 'migrate'], {
    env: { ...homingEnvironment(dataDir), ...env },
  });
}

/** Starts a PostgreSQL server that syncs each commit to the disk. */
export function startDurablePostgres(): Promise<PostgresServer> {
  return startPostgres({ settings: { fsync: 'on', full_page_writes: 'on' }, parent: tmpdir() });
}

/** Starts Homing on a new PostgreSQL server that syncs each commit to the disk. `stop` ends both. */
export async function startHomingOnPostgres(): Promise<PairedHoming & { server: PostgresServer }> {
  const server = await startDurablePostgres();
  const homing = await startPairedHoming({ DATABASE_URL: server.url() });
  const stop = async () => {
    await homing.stop();
    await server.dispose();
  };
  return { ...homing, server, stop };
}

/** Spawns `homing serve` as a user does, and returns at once. */
export function spawnHoming(dataDir: string, port: number): ChildProcess {
  return spawn(process.execPath, [COMMAND, 'serve'], {
    env: { ...homingEnvironment(dataDir), HOMING_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export interface Baseline extends Program {
  /** Returns the counters of the program. */
  counters(): Promise<Record<string, number>>;
}

/** Starts a program of `baselines/`, which sends `{ port }` when it listens. */
export async function startBaseline(name: string, ...args: string[]): Promise<Baseline> {
  const child = fork(new URL(`./baselines/${name}.ts`, import.meta.url), args);
  const [{ port }] = await firstOf(child, once(child, 'message'), name);
  const counters = async () => {
    child.send('counters');
    const [message] = await firstOf(child, once(child, 'message'), name);
    return message;
  };
  return { pid: pidOf(child), port, counters, stop: () => end(child) };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start.`);
  return child.pid;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function homingEnvironment(dataDir: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HOMING_'));
  const plansFile = join(dataDir, 'plans.json');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(plansFile, JSON.stringify(UNLIMITED));
  return {
    ...Object.fromEntries(inherited),
    HOMING_DATA_DIR: dataDir,
    HOMING_PORT: '0',
    HOMING_PLANS_FILE: plansFile,
    HOMING_LOG_LEVEL: 'warn',
    HOMING_MESSAGES_PER_SECOND: '0',
    HOMING_NEW_CONTACTS_PER_HOUR: '0',
    HOMING_NEW_CONTACTS_PER_DAY: '0',
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the arguments of an event have no type
function firstOf(child: ChildProcess, event: Promise<any[]>, name: string): Promise<any[]> {
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`${name} exited with ${status} before it listened.`);
  });
  return Promise.race([event, ended]);
}
