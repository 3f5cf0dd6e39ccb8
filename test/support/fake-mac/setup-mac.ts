/**
 * Simulates a Mac before the setup of the agent: a home folder with a chat.db, and fakes of the keychain, launchd and
 * osascript. Runs the real command line on it.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { type CliResult, runCli } from '../homing-process.ts';
import { until } from '../until.ts';
import { createChatTables, insertInbound, insertOutbound } from './chat-tables.ts';
import { nodeCommand } from './node-command.ts';
import { FakeSystemPrograms } from './system-programs.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const SECURITY = fileURLToPath(new URL('./security.ts', import.meta.url));
const LAUNCHCTL = fileURLToPath(new URL('./launchctl.ts', import.meta.url));
const OSASCRIPT = fileURLToPath(new URL('./osascript.ts', import.meta.url));

/** Script of the doctor: the number of accounts, or the state of the account. */
type Script = 'count' | 'account';

export interface Running {
  stdout(): string;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export class SetupMac {
  readonly home = mkdtempSync(join(tmpdir(), 'homing-setup-'));
  readonly chatDb = join(this.home, 'Library/Messages/chat.db');
  readonly dataDir = join(this.home, '.homing-relay');
  readonly logFile = join(this.home, 'Library/Logs/Homing/relay.log');
  readonly plist = join(this.home, 'Library/LaunchAgents/dev.homing.relay.plist');
  readonly programDir = join(this.home, 'Library/Application Support/Homing');
  /** The copy of Node that launchd runs. */
  readonly binary = join(this.programDir, 'bin/homing-relay');
  readonly systemPrograms = new FakeSystemPrograms(this.home);
  readonly #folder = join(this.home, 'fakes');
  readonly #running: Running[] = [];

  constructor() {
    mkdirSync(this.#folder);
    mkdirSync(join(this.home, 'Library/Messages'), { recursive: true });
    const chat = new Database(this.chatDb);
    createChatTables(chat, 'macOS 26');
    chat.close();
    // The fake osascript reads chat.db and behaviour.json from this folder.
    writeFileSync(join(this.home, 'Library/Messages/behaviour.json'), '{}');
    for (const [name, file] of Object.entries({ security: SECURITY, launchctl: LAUNCHCTL })) {
      this.#write(name, nodeCommand(file, this.#folder));
    }
    this.#write(
      'osascript',
      `if [ $# -gt 1 ]; then
  ${nodeCommand(OSASCRIPT, join(this.home, 'Library/Messages'))}
fi
case "$(cat)" in *'get count of'*) script=count ;; *) script=account ;; esac
if [ -f '${this.#folder}'/$script.error ]; then cat '${this.#folder}'/$script.error >&2; exit 1; fi
cat '${this.#folder}'/$script.output`,
    );
    this.setOutput('count', '1');
    this.setOutput('account', 'connected');
  }

  #write(name: string, body: string): void {
    writeFileSync(join(this.#folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }

  get env(): Record<string, string> {
    return {
      HOME: this.home,
      HOMING_RELAY_SECURITY: join(this.#folder, 'security'),
      HOMING_RELAY_LAUNCHCTL: join(this.#folder, 'launchctl'),
      HOMING_RELAY_OSASCRIPT: join(this.#folder, 'osascript'),
      HOMING_RELAY_SYSTEM_PROGRAMS: this.systemPrograms.folder,
      HOMING_RELAY_ALLOW_OTHER_OS: '1',
      TERM_PROGRAM: 'Apple_Terminal',
      SSH_CONNECTION: '',
    };
  }

  /** Runs `homing relay …` to completion. */
  relay(args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
    return runCli(['relay', ...args], { ...this.env, ...env });
  }

  /** Runs `homing relay …` of a version that `writeVersion` wrote. */
  async relayOf(root: string, args: readonly string[]): Promise<Omit<CliResult, 'json'>> {
    const main = join(root, 'dist/cli/main.js');
    const child = spawn(process.execPath, ['--no-warnings', main, 'relay', ...args], {
      env: { PATH: process.env.PATH, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk) => {
        output[name] += chunk;
      });
    }
    const [status] = await once(child, 'close');
    return { status: status as number | null, ...output };
  }

  /** Writes another version of the built program and returns its folder. */
  writeVersion(version: string, change: { file: string; code: string }): string {
    const root = join(this.home, `homing-${version}`);
    const built = join(dirname(PROGRAM), '..');
    for (const folder of ['cli', 'relay-agent', 'shared', 'broker']) {
      cpSync(join(built, folder), join(root, 'dist', folder), { recursive: true });
    }
    const manifest = JSON.parse(readFileSync(join(built, '../package.json'), 'utf8'));
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, version }));
    symlinkSync(join(built, '../node_modules'), join(root, 'node_modules'));
    appendFileSync(join(root, 'dist', change.file), change.code);
    return root;
  }

  /** Starts `homing relay …`. */
  start(args: readonly string[], env: Record<string, string> = {}): Running {
    const child = spawn(process.execPath, [PROGRAM, 'relay', ...args], {
      env: { PATH: process.env.PATH, ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const closed = once(child, 'close');
    const running = {
      stdout: () => stdout,
      stderr: () => stderr,
      signal: (signal: NodeJS.Signals) => void child.kill(signal),
      end: async (signal: NodeJS.Signals = 'SIGTERM') => {
        child.kill(signal);
        const [status] = await closed;
        return status as number | null;
      },
    };
    this.#running.push(running);
    return running;
  }

  /** Sets the output of the scripts for the number of accounts and the state of the account. */
  setOutput(script: Script, text: string): void {
    rmSync(join(this.#folder, `${script}.error`), { force: true });
    writeFileSync(join(this.#folder, `${script}.output`), `${text}\n`);
  }

  setError(script: Script, message: string): void {
    writeFileSync(join(this.#folder, `${script}.error`), `${message}\n`);
  }

  /** Sets how the fake osascript handles messages to this recipient. */
  behave(to: string, behaviour: string): void {
    writeFileSync(join(this.home, 'Library/Messages/behaviour.json'), JSON.stringify({ [to]: behaviour }));
  }

  /** Adds a text received at one of the owner's numbers. */
  receive(to: string): void {
    const chat = new Database(this.chatDb);
    insertInbound(chat, {
      guid: randomUUID(),
      from: '+14155550100',
      text: 'hello',
      change: { destination_caller_id: to },
    });
    chat.close();
  }

  /** Adds a text that the owner sent from one of the own addresses. */
  typeFrom(address: string): void {
    const chat = new Database(this.chatDb);
    insertOutbound(chat, {
      guid: randomUUID(),
      to: '+14155550100',
      text: 'hello',
      change: { is_sent: 1, destination_caller_id: address },
    });
    chat.close();
  }

  /** Makes chat.db a file that no user can open, like macOS without Full Disk Access. */
  denyChatDatabase(): void {
    renameSync(this.chatDb, `${this.chatDb}.denied`);
    symlinkSync(this.chatDb, this.chatDb);
  }

  permitChatDatabase(): void {
    renameSync(`${this.chatDb}.denied`, this.chatDb);
  }

  lockKeychain(): void {
    writeFileSync(join(this.#folder, 'keychain-locked'), '');
  }

  endSession(): void {
    writeFileSync(join(this.#folder, 'no-session'), '');
  }

  /** Returns the keychain entries by service and account. */
  keychain(): Record<string, string> {
    const file = join(this.#folder, 'keychain.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  }

  calls(program: 'security' | 'launchctl'): string[][] {
    const file = join(this.#folder, `${program}-calls.jsonl`);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** Returns whether an agent of this Mac has logged a connection. */
  hasConnected(): boolean {
    const logs = [this.log(), ...this.#running.map(({ stderr }) => stderr())];
    return logs.some((log) => log.includes('Connected to'));
  }

  /** Process id of the agent that launchd runs. */
  agentPid(): number | undefined {
    const file = join(this.#folder, 'launchd-pid');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN;
    try {
      process.kill(pid, 0);
      return pid;
    } catch {
      return undefined;
    }
  }

  async killAgent(): Promise<void> {
    const pid = this.agentPid();
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    await until('the agent to be gone', () => this.agentPid() === undefined);
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.end('SIGKILL')));
    await this.killAgent();
    rmSync(this.home, { recursive: true, force: true });
  }
}
