/**
 * The programs under test, each a process of its own: Homing as `npm run build` makes it, and the floors it is
 * compared with. Their folders lie in the checkout's `.cache`, on the disk where the checkout is: a temporary
 * folder may be in memory, where a sync costs nothing.
 */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const HOMING = join(root, 'dist/cli/main.js');
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
  /** Ends the program and leaves its folder, for the bench to write into. */
  pause(): Promise<void>;
}

export function makeFolder(): string {
  const parent = join(root, '.cache/bench');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'run-'));
}

export function dropFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** `homing serve` on a free port; the account's plan has no limits. At a folder's first start it gives the key. */
export async function startHoming(dataDir: string, env: Record<string, string> = {}): Promise<Homing> {
  const child = spawn(process.execPath, [HOMING, 'serve', '--json'], {
    env: { ...homingEnvironment(dataDir), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await firstOf(child, once(createInterface(child.stdout), 'line'), 'homing serve');
  const { url, live_key: liveKey } = JSON.parse(line as string);
  return { pid: child.pid!, port: Number(new URL(url).port), dataDir, liveKey, stop: () => end(child) };
}

/** In a fresh folder, which goes with it, and with one number that no device serves yet. */
export async function startPairedHoming(): Promise<PairedHoming> {
  const dataDir = makeFolder();
  const homing = await startHoming(dataDir);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [HOMING, 'pair', ACCOUNT_NUMBER, '--name', 'Bench', '--json'],
    { env: homingEnvironment(dataDir) },
  );
  const { token, number } = JSON.parse(stdout);
  const stop = async () => {
    await homing.stop();
    dropFolder(dataDir);
  };
  return { ...homing, number, deviceToken: token, pause: homing.stop, stop };
}

/** The command that `start` times, without waiting for anything. */
export function spawnHoming(dataDir: string, port: number): ChildProcess {
  return spawn(process.execPath, [HOMING, 'serve'], {
    env: { ...homingEnvironment(dataDir), HOMING_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export interface Floor extends Program {
  /** What the program says of itself. */
  ask(): Promise<Record<string, number>>;
}

/** A program of `floors/`; it says `{port}` when it listens. */
export async function startFloor(name: string, ...args: string[]): Promise<Floor> {
  const child = fork(new URL(`./floors/${name}.ts`, import.meta.url), args);
  const [{ port }] = await firstOf(child, once(child, 'message'), name);
  const ask = async () => {
    child.send('ask');
    const [said] = await firstOf(child, once(child, 'message'), name);
    return said;
  };
  return { pid: child.pid!, port, ask, stop: () => end(child) };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function homingEnvironment(dataDir: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HOMING_') && name !== 'DATABASE_URL',
  );
  const plansFile = join(dataDir, 'plans.json');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(plansFile, JSON.stringify(UNLIMITED));
  return {
    ...Object.fromEntries(kept),
    HOMING_DATA_DIR: dataDir,
    HOMING_PORT: '0',
    HOMING_PLANS_FILE: plansFile,
    HOMING_LOG_LEVEL: 'warn',
    HOMING_MESSAGES_PER_SECOND: '0',
    HOMING_NEW_CONTACTS_PER_HOUR: '0',
    HOMING_NEW_CONTACTS_PER_DAY: '0',
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what an event carries has no type
function firstOf(child: ChildProcess, event: Promise<any[]>, name: string): Promise<any[]> {
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`${name} ended with ${status} before it listened.`);
  });
  return Promise.race([event, ended]);
}
