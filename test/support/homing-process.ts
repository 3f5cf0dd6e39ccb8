/**
 * Starts the real program, `homing serve`, with a temporary data folder and a free port, and runs its command line.
 * `dispose` stops the program and deletes the folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type BrokerDatabase, newBrokerDatabase } from './broker-database.ts';

/** Settings without send limits. Tests of the limits override them. */
export const UNPACED = {
  HOMING_MESSAGES_PER_SECOND: '0',
  HOMING_NEW_CONTACTS_PER_HOUR: '0',
  HOMING_NEW_CONTACTS_PER_DAY: '0',
};

export const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliResult {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Standard output, parsed as one JSON value per line. */
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect untyped JSON
  json: any[];
}

/** A broker in its own process or in the process of the test. */
export interface RunningBroker {
  url: string;
  dataDir: string;
  database: BrokerDatabase;
  /** API keys of the first start. */
  liveKey: string;
  testKey: string;
  /** The log so far. */
  log(): string;
  dispose(): Promise<void>;
}

export interface HomingProcess extends RunningBroker {
  pid(): number;
  cli(...args: string[]): Promise<CliResult>;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL and waits for the exit. */
  kill(): Promise<void>;
  /** Starts the program again with the same folder and port. */
  restart(env?: Record<string, string>): Promise<void>;
}

/** Characters of the log that are printed if a broker exits by itself. */
const LOG_SHOWN = 4_000;

export async function startHoming(env: Record<string, string> = {}): Promise<HomingProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-test-'));
  const database = await newBrokerDatabase(dataDir, env);
  let child: ChildProcess | undefined;
  let log = '';
  let isEnding = false;
  let current = env;

  const launch = async (port: string) => {
    const started = spawn(process.execPath, [PROGRAM, 'serve', '--json'], {
      env: { ...cleanEnvironment(), ...UNPACED, ...database.settings, HOMING_PORT: port, ...current },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    isEnding = false;
    started.stderr.on('data', (chunk) => {
      log += chunk;
    });
    started.once('exit', (status, signal) => {
      if (!isEnding) console.error(`homing serve exited with ${status ?? signal}:\n${log.slice(-LOG_SHOWN)}`);
    });
    const [line] = await Promise.race([
      once(createInterface(started.stdout), 'line'),
      once(started, 'exit').then(([status]) => {
        throw new Error(`homing serve exited with ${status} before it listened:\n${log}`);
      }),
    ]);
    return JSON.parse(line) as { url: string; live_key: string; test_key: string };
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    isEnding = true;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [status] = await ended;
    return status as number | null;
  };

  const first = await launch('0');
  const homing: HomingProcess = {
    url: first.url,
    dataDir,
    database,
    liveKey: first.live_key,
    testKey: first.test_key,
    pid: () => child?.pid ?? 0,
    log: () => log,
    cli: (...args) =>
      runCli(args, { ...database.settings, HOMING_PORT: new URL(first.url).port, ...current }),
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
    restart: async (changed) => {
      current = { ...current, ...changed };
      await launch(new URL(first.url).port);
    },
    dispose: async () => {
      await end('SIGKILL');
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return homing;
}

/** Runs the built command line to its end, with `input` as standard input. */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  input?: string,
): Promise<CliResult> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...cleanEnvironment(), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [status] = await once(child, 'close');
  const json = () =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return {
    status: status as number | null,
    stdout,
    stderr,
    get json() {
      return json();
    },
  };
}

/** Removes settings of this machine from the environment. */
function cleanEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(DATABASE|HOMING|TWILIO)_/.test(name));
  return Object.fromEntries(kept);
}
