/** Simulates a Mac: a chat.db, a fake `osascript` that writes to it, and the real relay agent. */
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
  handleOf,
  insertInbound,
  insertOutbound,
  type RowToWrite,
  setMembers,
} from './chat-tables.ts';
import { editRow, unsendRow } from './edits.ts';
import type { MacosVersion } from './message-columns.ts';
import { nodeCommand } from './node-command.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const OSASCRIPT = fileURLToPath(new URL('./osascript.ts', import.meta.url));
const CLOCK = fileURLToPath(new URL('./wrong-clock.ts', import.meta.url));
const CRASH = fileURLToPath(new URL('./crash.ts', import.meta.url));

export interface Call {
  to: string;
  text: string;
  service: string;
  /** Name and size of a sent file. */
  file?: string;
  bytes?: number;
}

export interface StartOptions {
  /** The journal method at which the agent is killed, such as "beginPart:after". */
  crashAt?: string;
  confirmSeconds?: number;
  /** Offset of the clock of this Mac. */
  clockAheadMs?: number;
  env?: Record<string, string>;
}

export class FakeMac {
  readonly folder = mkdtempSync(join(tmpdir(), 'homing-mac-'));
  #chat: Database.Database;
  readonly #behaviour: Record<string, string> = {};
  readonly #broker: { url: string; token: string };
  readonly #macosVersion: MacosVersion;
  #agent: ChildProcess | undefined;
  #command: ChildProcess | undefined;
  #stderr = '';
  /** Length of `#stderr` before the last start. */
  #startedAt = 0;

  constructor(broker: { url: string; token: string }, macosVersion: MacosVersion = 'macOS 26') {
    this.#broker = broker;
    this.#macosVersion = macosVersion;
    this.#chat = new Database(join(this.folder, 'chat.db'));
    createChatTables(this.#chat, macosVersion);
    writeFileSync(join(this.folder, 'behaviour.json'), '{}');
    const program = `#!/bin/sh\n${nodeCommand(OSASCRIPT, this.folder)}\n`;
    writeFileSync(join(this.folder, 'osascript'), program, { mode: 0o755 });
  }

  /** Sets how Messages handles messages to this recipient. */
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
    return insertInbound(this.#chat, { guid: randomUUID(), from, text, ...row });
  }

  /** Adds a message that the owner typed on the phone. */
  type(to: string, text: string, row: Partial<RowToWrite> = {}): string {
    return insertOutbound(this.#chat, { guid: randomUUID(), to, text, change: { is_sent: 1 }, ...row });
  }

  /** Adds old messages with ten contacts in both directions, one per minute until now; oldest first. */
  fill(count: number): void {
    fillChat(this.#chat, count);
  }

  /** Replaces chat.db by an empty one, as before a new download from iCloud. Its row ids count from 1. */
  replaceChat(): void {
    this.#chat.close();
    for (const end of ['', '-wal', '-shm']) rmSync(join(this.folder, `chat.db${end}`), { force: true });
    this.#chat = new Database(join(this.folder, 'chat.db'));
    createChatTables(this.#chat, this.#macosVersion);
  }

  /** Adds a row to the newest chat of its handle. */
  join(guid: string): void {
    this.run(
      `INSERT INTO chat_message_join (chat_id, message_id)
       SELECT (SELECT MAX(c.ROWID) FROM chat c JOIN handle h ON c.chat_identifier = h.id WHERE h.ROWID = m.handle_id), m.ROWID
       FROM message m WHERE m.guid = ?`,
      guid,
    );
  }

  /** Adds a row to a chat. */
  joinChat(guid: string, chat: string): void {
    this.run(
      `INSERT INTO chat_message_join (chat_id, message_id)
       SELECT c.ROWID, m.ROWID FROM chat c, message m WHERE m.guid = ? AND c.guid = ?`,
      guid,
      chat,
    );
  }

  /** Replaces the members of a group. */
  changeMembers(chat: string, members: readonly string[]): void {
    setMembers(this.#chat, chat, members);
  }

  /** Renames a group. */
  rename(chat: string, name: string): void {
    this.run('UPDATE chat SET display_name = ? WHERE guid = ?', name, chat);
  }

  /** Returns the row id of a handle. */
  handleOf(id: string): number {
    return handleOf(this.#chat, id);
  }

  /** Adds a received file; returns its path as in chat.db. */
  attach(name: string, bytes: Buffer): string {
    const own = join('Library/Messages/Attachments', randomUUID());
    mkdirSync(join(this.folder, own), { recursive: true });
    writeFileSync(join(this.folder, own, name), bytes);
    return `~/${own}/${name}`;
  }

  /** Changes rows of chat.db. */
  run(sql: string, ...params: Array<string | number>): void {
    this.#chat.prepare(sql).run(...params);
  }

  /** Changes the journal of a stopped agent. */
  journal(sql: string): void {
    const journal = new Database(join(this.folder, 'relay/journal.db'));
    journal.exec(sql);
    journal.close();
  }

  /** Sets the modification time of a file to the given number of days ago. */
  age(path: string, days: number): void {
    const at = Date.now() / 1000 - days * 86_400;
    utimesSync(join(this.folder, path), at, at);
  }

  /** Returns the guid of the newest row. */
  lastGuid(): string {
    return this.#chat.prepare<[], string>('SELECT guid FROM message ORDER BY ROWID DESC').pluck().get()!;
  }

  change(guid: string, change: string): void {
    this.#chat.prepare(`UPDATE message SET ${change} WHERE guid = ?`).run(guid);
  }

  /** Edits a message, or one part of it. */
  edit(guid: string, text: string, at = Date.now(), part = 0): void {
    editRow(this.#chat, guid, { text, at, part });
  }

  /** Unsends a message, or some of its parts. */
  unsend(guid: string, at = Date.now(), parts?: readonly number[]): void {
    // Since macOS 26, Messages no longer sets the date.
    const hasDate = !this.#macosVersion.match(/2\d/);
    unsendRow(this.#chat, guid, { at, hasDate, ...(parts === undefined ? {} : { parts }) });
  }

  /** The owner reads a received message. */
  read(guid: string, at = Date.now()): void {
    this.change(guid, `is_read = 1, date_read = ${(at - 978_307_200_000) * 1_000_000}`);
  }

  /** Runs another command of `homing relay` on this Mac. */
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

  /** Kills the command that `relay` started. */
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
      this.#stderr += chunk;
    });
    this.#agent = child;
    this.#startedAt = this.#stderr.length;
  }

  /** Returns whether the agent that was started last has had a session. */
  isConnected(): boolean {
    return this.#stderr.slice(this.#startedAt).includes('Connected to');
  }

  /** Standard error of all agents that were started. */
  stderr(): string {
    return this.#stderr;
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
