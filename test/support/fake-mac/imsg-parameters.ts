/** Reads the parameters of a request as strictly as imsg: unknown keys and other types are errors. */

export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export interface Target {
  to: string | undefined;
  /** A guid or an identifier of a chat. */
  chat: string | undefined;
}

export const CHAT_KEYS = ['chat_id', 'chat_identifier', 'chat_guid'];
export const REPLY_KEYS = ['reply_to', 'replyTo', 'reply_to_guid', 'message_guid'];
export const MESSAGE_KEYS = ['message_id', 'messageId', 'message_guid', 'messageGuid', 'message'];
export const PART_KEYS = ['part_index', 'partIndex'];

export const invalid = (why: string) => new RpcError(-32602, 'Invalid params', why);

export class Parameters {
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>, method: string, keys: readonly string[]) {
    const unknown = Object.keys(values)
      .sort()
      .find((key) => !keys.includes(key));
    if (unknown !== undefined) throw invalid(`unknown ${method} param: ${unknown}`);
    this.#values = values;
  }

  has(key: string): boolean {
    return key in this.#values;
  }

  string(keys: string | readonly string[]): string | undefined {
    return this.#read(keys, 'a string', (value) => typeof value === 'string');
  }

  boolean(keys: string | readonly string[]): boolean | undefined {
    return this.#read(keys, 'a boolean', (value) => typeof value === 'boolean');
  }

  integer(keys: string | readonly string[]): number | undefined {
    return this.#read(keys, 'an integer', Number.isInteger);
  }

  strings(keys: string | readonly string[]): string[] | undefined {
    const isArray = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
    return this.#read(keys, 'an array of strings', isArray);
  }

  required(keys: string | readonly string[]): string {
    const value = this.string(keys)?.trim();
    const [name] = [keys].flat();
    if (value === undefined || value === '') throw invalid(`${name} is required`);
    return value;
  }

  chat(): string {
    const given = CHAT_KEYS.filter((key) => this.has(key));
    if (given.length !== 1)
      throw invalid('exactly one of chat_id, chat_identifier, or chat_guid is required');
    const [key] = given;
    if (key === 'chat_id') {
      const id = this.integer('chat_id') ?? 0;
      if (id <= 0) throw invalid('chat_id must be a positive integer');
      throw invalid(`unknown chat_id ${id}`);
    }
    const value = this.string(key!);
    if (value === '' || value === undefined) throw invalid(`${key} must be a non-empty string`);
    return value;
  }

  target(): Target {
    const hasChat = CHAT_KEYS.some((key) => this.has(key));
    if (this.has('to') && hasChat) throw invalid('use to or exactly one chat selector; not both');
    if (!this.has('to')) return { to: undefined, chat: this.chat() };
    const to = this.string('to');
    if (to === '' || to === undefined) throw invalid('to must be a non-empty string');
    return { to, chat: undefined };
  }

  #read<T>(keys: string | readonly string[], what: string, isValid: (value: unknown) => boolean) {
    const given = [keys].flat().filter((key) => this.has(key));
    if (given.length > 1) throw invalid(`use only one of ${[keys].flat().join(', ')}`);
    const [name] = given;
    if (name === undefined) return undefined;
    const value = this.#values[name];
    if (value === null) throw invalid(`${name} must not be null`);
    if (!isValid(value)) throw invalid(`${name} must be ${what}`);
    return value as T;
  }
}
