/** A Mac without a Mac: a chat.db, an `osascript` that writes into it, and the real relay agent beside them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import {
  createChatTables,
  fillChat,
  insertIncoming,
  insertOutgoing,
  type RowToWrite,
  type Vintage,
} from './chat-tables.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const OSASCRIPT = fileURLToPath(new URL('./osascript.ts', import.meta.url));
const CLOCK = fileURLToPath(new URL('./wrong-clock.ts', import.meta.url));
const CRASH = fileURLToPath(new URL('./crash.ts', import.meta.url));

export interface Call {
  to: string;
  text: string;
  service: string;
  /** The name of a file that was sent, and its size. */
  file?: string;
  bytes?: number;
}

export interface StartOptions {
  /** Where the agent kills itself: "begin:after". */
  crashAt?: string;
  confirmSeconds?: number;
  /** By how much the clock of this Mac is wrong. */
  clockAheadMs?: number;
  env?: Record<string, string>;
}

export class FakeMac {
  readonly folder = mkdtempSync(join(tmpdir(), 'homing-mac-'));
  readonly #chat: Database.Database;
  readonly #behaviour: Record<string, string> = {};
  readonly #broker: { url: string; token: string };
  #agent: ChildProcess | undefined;
  #command: ChildProcess | undefined;
  #said = '';

  constructor(broker: { url: string; token: string }, vintage: Vintage = 'macOS 26') {
    this.#broker = broker;
    this.#chat = new Database(join(this.folder, 'chat.db'));
    createChatTables(this.#chat, vintage);
    writeFileSync(join(this.folder, 'behaviour.json'), '{}');
    const program = `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${OSASCRIPT}' '${this.folder}' "$@"\n`;
    writeFileSync(join(this.folder, 'osascript'), program, { mode: 0o755 });
  }

  /** What Messages does with messages to this person. */
  behave(to: string, behaviour: string): void {
    this.#behaviour[to] = behaviour;
    writeFileSync(join(this.folder, 'behaviour.json'), JSON.stringify(this.#behaviour));
  }

  /** Every call of osascript, in order. */
  calls(): Call[] {
    const file = join(this.folder, 'calls.jsonl');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  receive(from: string, text: string, row: Partial<RowToWrite> = {}): string {
    return insertIncoming(this.#chat, { guid: randomUUID(), from, text, ...row });
  }

  /** A row of the owner's own, typed on the phone. */
  type(to: string, text: string, row: Partial<RowToWrite> = {}): string {
    return insertOutgoing(this.#chat, { guid: randomUUID(), to, text, change: { is_sent: 1 }, ...row });
  }

  /** Old messages with ten people, both ways, one a minute up to now; oldest first. */
  fill(count: number): void {
    fillChat(this.#chat, count);
  }

  /** Puts a row into the newest chat of its person. */
  join(guid: string): void {
    this.run(
      `INSERT INTO chat_message_join (chat_id, message_id)
       SELECT (SELECT MAX(c.ROWID) FROM chat c JOIN handle h ON c.chat_identifier = h.id WHERE h.ROWID = m.handle_id), m.ROWID
       FROM message m WHERE m.guid = ?`,
      guid,
    );
  }

  /** Puts a file where Messages keeps those that came in; gives its path as chat.db writes it. */
  attach(name: string, bytes: Buffer): string {
    const own = join('Library/Messages/Attachments', randomUUID());
    mkdirSync(join(this.folder, own), { recursive: true });
    writeFileSync(join(this.folder, own, name), bytes);
    return `~/${own}/${name}`;
  }

  /** The rows that the file of an attachment, or anything else, changes in. */
  run(sql: string, ...params: Array<string | number>): void {
    this.#chat.prepare(sql).run(...params);
  }

  /** Changes the agent's journal while it does not run. */
  journal(sql: string): void {
    const journal = new Database(join(this.folder, 'relay/journal.db'));
    journal.exec(sql);
    journal.close();
  }

  /** As if this file of the Mac had been left alone for so many days. */
  age(path: string, days: number): void {
    const at = Date.now() / 1000 - days * 86_400;
    utimesSync(join(this.folder, path), at, at);
  }

  /** A row of Messages as the agent finds it: the newest of all. */
  lastGuid(): string {
    return this.#chat.prepare<[], string>('SELECT guid FROM message ORDER BY ROWID DESC').pluck().get()!;
  }

  change(guid: string, change: string): void {
    this.#chat.prepare(`UPDATE message SET ${change} WHERE guid = ?`).run(guid);
  }

  /** Another command of `homing relay`, as it runs on this Mac. */
  async relay(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [PROGRAM, 'relay', ...args], { env: this.#environment() });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    this.#command = child;
    const [status] = await once(child, 'close');
    return { status, stdout, stderr };
  }

  /** Kills the command that `relay` runs. */
  killCommand(): void {
    this.#command?.kill('SIGKILL');
  }

  /** Starts `homing relay run`. */
  start(options: StartOptions = {}): void {
    const { crashAt, confirmSeconds = 180, clockAheadMs = 0, env = {} } = options;
    const preload = ['--no-warnings'];
    if (crashAt !== undefined) preload.push('--import', CRASH);
    if (clockAheadMs !== 0) preload.push('--import', CLOCK);
    const child = spawn(process.execPath, [...preload, PROGRAM, 'relay', 'run'], {
      env: {
        ...this.#environment(),
        HOMING_RELAY_CONFIRM_SECONDS: String(confirmSeconds),
        ...env,
        CLOCK_AHEAD_MS: String(clockAheadMs),
        ...(crashAt === undefined ? {} : { CRASH_AT: crashAt }),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (chunk) => {
      this.#said += chunk;
    });
    this.#agent = child;
  }

  /** Everything that the agent said on standard error. */
  said(): string {
    return this.#said;
  }

  pid(): number {
    return this.#agent?.pid ?? 0;
  }

  isRunning(): boolean {
    return this.#agent !== undefined && this.#agent.exitCode === null && this.#agent.signalCode === null;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.isRunning()) return this.#agent?.exitCode ?? null;
    const ended = once(this.#agent!, 'exit');
    this.#agent!.kill(signal);
    const [status] = await ended;
    return status;
  }

  #environment(): Record<string, string | undefined> {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      HOMING_RELAY_URL: this.#broker.url,
      HOMING_RELAY_TOKEN: this.#broker.token,
      HOMING_RELAY_DATA_DIR: join(this.folder, 'relay'),
      HOMING_RELAY_CHAT_DB: join(this.folder, 'chat.db'),
      HOMING_RELAY_OSASCRIPT: join(this.folder, 'osascript'),
      HOMING_RELAY_ALLOW_OTHER_OS: '1',
    };
  }

  async dispose(): Promise<void> {
    await this.end('SIGKILL');
    this.#chat.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
