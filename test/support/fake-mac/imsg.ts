/**
 * Installs a stand-in for `imsg`. `imsg-rpc.ts` is the program; the files in its folder set its behaviour, also while
 * it runs, and record its requests.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeCommand } from './node-command.ts';

export type ImsgBehaviour =
  | 'deliver'
  | 'deliver, then die'
  | 'deliver, then die without a response'
  | 'deliver after other lines'
  | 'deliver after the release'
  | 'no response'
  | 'die'
  | 'quote the text'
  | 'endless line'
  | 'endless garbage'
  | 'no such method'
  | 'server busy'
  | 'automation denied'
  | 'automation denied, since 0.14'
  | 'no disk access'
  | 'script failed'
  | 'not started'
  | 'no such chat'
  | 'outcome unknown'
  | 'still in flight'
  | 'lane blocked';

export interface ImsgSettings {
  version: string;
  /** A version before 0.14: no `initialize`, no strict keys, one request at a time. */
  isOld: boolean;
  bridge: 'ready' | 'not started' | 'not answering';
  hasDatabase: boolean;
  /** Version of the feature `tapback.emoji`; 0: missing. */
  emojiVersion: number;
  /** Selectors that the bridge does not have on this macOS. */
  missingSelectors: readonly string[];
  /** Existing direct chats. All groups exist. */
  chats: readonly string[];
  /** State of a handle in Apple's directory, 1 without an entry. */
  handles: Readonly<Record<string, 0 | 1 | 2>>;
  /** chat.db for the sent messages; without it no row is written. */
  chatDb: string | undefined;
}

export interface ImsgCall {
  /** Process id of the fake. */
  pid: number;
  method: string;
  parameters: Record<string, unknown>;
}

export interface FakeImsg {
  program: string;
  /** Sets the behaviour for a recipient, a chat, a method, or a method with a recipient (`send.tracked +1415…`). */
  behave(to: string, behaviour: ImsgBehaviour): void;
  set(settings: Partial<ImsgSettings>): void;
  /** Sets what `message.send_status` reports. */
  setSendState(guid: string, state: 'pending' | 'sent' | 'delivered' | 'failed'): void;
  /** Continues sends with the behaviour "deliver after the release". */
  release(): void;
  /** Returns every received send, change and signal, in order. */
  calls(): ImsgCall[];
  /** Returns every received read, in order. */
  reads(): ImsgCall[];
  /** Returns the text of every message that was sent, in order. */
  sentTexts(): string[];
  remove(): void;
}

export const IMSG_DEFAULTS: ImsgSettings = {
  version: '0.15.10',
  isOld: false,
  bridge: 'not started',
  hasDatabase: true,
  emojiVersion: 2,
  missingSelectors: [],
  chats: [],
  handles: {},
  chatDb: undefined,
};

const RPC = fileURLToPath(new URL('./imsg-rpc.ts', import.meta.url));

export function installImsg(settings: Partial<ImsgSettings> = {}): FakeImsg {
  const folder = mkdtempSync(join(tmpdir(), 'homing-imsg-'));
  const program = join(folder, 'imsg');
  const behaviours: Record<string, ImsgBehaviour> = {};
  const states: Record<string, string> = {};
  let current: ImsgSettings = { ...IMSG_DEFAULTS, ...settings };
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  writeFileSync(program, `#!/bin/sh\n${nodeCommand(RPC, folder)}\n`, { mode: 0o755 });
  write('behaviour.json', behaviours);
  write('settings.json', current);
  write('states.json', states);
  const linesOf = (name: string): Array<Record<string, unknown>> => {
    const file = join(folder, `${name}.jsonl`);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  };
  const requests = (lane: string) => linesOf(lane) as unknown as ImsgCall[];
  return {
    program,
    behave(to, behaviour) {
      behaviours[to] = behaviour;
      write('behaviour.json', behaviours);
    },
    set(change) {
      current = { ...current, ...change };
      write('settings.json', current);
    },
    setSendState(guid, state) {
      states[guid] = state;
      write('states.json', states);
    },
    release: () => write('released', true),
    calls: () => requests('mutation'),
    reads: () => requests('read'),
    sentTexts: () => linesOf('sent').flatMap(({ text }) => (typeof text === 'string' ? [text] : [])),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
