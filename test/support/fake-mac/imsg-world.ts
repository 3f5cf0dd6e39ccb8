/** State of the stand-in for `imsg rpc`: settings, chats and sent messages, in files that survive a restart. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImsgBehaviour, ImsgSettings } from './imsg.ts';
import { RpcError } from './imsg-parameters.ts';
import { storedChats, storedMessages, writeRow } from './imsg-rows.ts';

export interface SentMessage {
  guid: string;
  chat: string;
  text: string;
  file?: string | undefined;
  columns?: Record<string, string | number | null>;
  /** Of a new group. */
  participants?: readonly string[];
  name?: string | undefined;
}

export type Lane = 'mutation' | 'read' | 'control';
/** Behaves as set for the method and its target. Throws the error of the behaviour. */
export type Act = (method: string, target: string) => Promise<void>;

export interface Method {
  lane: Lane;
  needsDatabase?: boolean;
  /** Any of these selectors of the bridge; undefined: works without the bridge. */
  selectors?: readonly string[];
  run(params: Record<string, unknown>, world: World, act: Act): Promise<object>;
}

type Disposition = 'not_started' | 'may_have_completed' | 'still_in_flight';

/** Error of a failed send since 0.14. */
export function deliveryError(disposition: Disposition, detail: string, transport = 'applescript'): RpcError {
  const isStarted = disposition !== 'not_started';
  return new RpcError(
    isStarted ? -32001 : -32603,
    isStarted ? 'Delivery outcome unknown' : 'Delivery failed before dispatch',
    { retry_safe: !isStarted, disposition, transport, operation: 'send', detail },
  );
}

export function noBridge(operation: string): RpcError {
  const detail = `The bridge ready lock is absent (${operation}). Run imsg launch explicitly before retrying.`;
  return deliveryError('not_started', detail, 'bridge_v2');
}

export class World {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  settings(): ImsgSettings {
    return this.#json('settings.json');
  }

  behaviour(method: string, target: string): ImsgBehaviour {
    const behaviours = this.#json('behaviour.json');
    return behaviours[`${method} ${target}`] ?? behaviours[target] ?? behaviours[method] ?? 'deliver';
  }

  isReleased(): boolean {
    return existsSync(join(this.#folder, 'released'));
  }

  record(lane: string, entry: object): void {
    appendFileSync(join(this.#folder, `${lane}.jsonl`), `${JSON.stringify(entry)}\n`);
  }

  lastRequest(): string {
    return JSON.stringify(this.#lines('mutation.jsonl').at(-1));
  }

  needDatabase(): void {
    if (this.settings().hasDatabase) return;
    throw new RpcError(-32002, 'Database unavailable', {
      path: '/Users/me/Library/Messages/chat.db',
      detail: 'Grant Full Disk Access to the supervising process, then retry.',
      retryable: true,
    });
  }

  /** Returns the guid of an existing chat. All groups exist. */
  findChat(target: string): string | undefined {
    if (target.includes(';+;')) return target;
    const { chats, chatDb } = this.settings();
    const sent = this.#lines('sent.jsonl').map(({ chat }) => `${chat}`);
    const known = [...chats, ...sent, ...(chatDb === undefined ? [] : storedChats(chatDb))];
    return known.find((guid) => guid === target || guid.split(';')[2] === target);
  }

  hasMessage(guid: string): boolean {
    const { chatDb } = this.settings();
    const isSent = this.#lines('sent.jsonl').some((sent) => sent.guid === guid);
    return isSent || (chatDb !== undefined && storedMessages(chatDb, guid) > 0);
  }

  /** Returns the state that `message.send_status` reports, or undefined without a row. */
  sendState(guid: string): string | undefined {
    return this.#json('states.json')[guid] ?? (this.hasMessage(guid) ? 'sent' : undefined);
  }

  /** Guids are numbered where a test can expect them. */
  newGuid(): string {
    return this.settings().chatDb === undefined
      ? `GUID-${this.#lines('sent.jsonl').length + 1}`
      : randomUUID().toUpperCase();
  }

  /** Adds a chat. Its row in chat.db appears with its first message. */
  addChat(chat: Pick<SentMessage, 'chat' | 'participants' | 'name'>): void {
    this.record('sent', chat);
  }

  write(message: SentMessage): void {
    const created = this.#lines('sent.jsonl').find(
      ({ chat, participants }) => chat === message.chat && participants,
    );
    this.record('sent', message);
    this.inChatDb((chatDb) => writeRow(chatDb, { ...created, ...message }));
  }

  /** Changes the chat.db of the fake Mac, if there is one. */
  inChatDb(work: (chatDb: string) => void): void {
    const { chatDb } = this.settings();
    if (chatDb !== undefined) work(chatDb);
  }

  #json(name: string) {
    return JSON.parse(readFileSync(join(this.#folder, name), 'utf8'));
  }

  #lines(name: string): Record<string, unknown>[] {
    const file = join(this.#folder, name);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }
}
