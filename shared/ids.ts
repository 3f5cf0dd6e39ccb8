/**
 * Generates, formats and parses ids. An id is the 26-character base32 suffix of a TypeID (a UUIDv7), so ids sort by
 * creation time. Only the suffix is stored; formatted ids have a prefix (`msg_01jd…`).
 */
import { createHash } from 'node:crypto';
import { fromString, fromUUIDBytes, toUUID } from 'typeid-js';
import { UUID, V7Generator } from 'uuidv7';

export type IdPrefix =
  | 'acc'
  | 'key'
  | 'num'
  | 'dev'
  | 'msg'
  | 'act'
  | 'rct'
  | 'rul'
  | 'lse'
  | 'ses'
  | 'req'
  | 'med'
  | 'con'
  | 'conv'
  | 'rpl'
  | 'wh'
  | 'evt'
  | 'dlv'
  | 'call'
  | 'mem'
  | 'inv'
  | 'pky'
  | 'aud';

/** Returns the next id. Ids of one source are strictly ascending, even if the clock is set back. */
export type IdSource = () => string;

/** The largest time that an id can contain (48 bits). */
const TIME_MAX_MS = 2 ** 48 - 1;

const SUFFIX = /^[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/;

/** Number of random bytes per system call. A call for many bytes takes no longer than a call for a few. */
const RANDOM_BYTES = 4_096;

function createRandomWords() {
  const bytes = Buffer.alloc(RANDOM_BYTES);
  let next = RANDOM_BYTES;
  return {
    nextUint32(): number {
      if (next === RANDOM_BYTES) {
        crypto.getRandomValues(bytes);
        next = 0;
      }
      const word = bytes.readUInt32LE(next);
      next += 4;
      return word;
    },
  };
}

/** An id source that continues after ids of an earlier process. */
export interface ResumableIdSource {
  next: IdSource;
  /** All further ids sort after this id, also if the clock is behind its time. */
  continueAfter(id: string): void;
  /** All further ids sort after every id of this time (epoch ms). */
  continueAfterTime(time: number): void;
  /** Returns the time of the newest id (epoch ms); 0: none. */
  newestTime(): number;
}

export function createIdSource(now: () => number): IdSource {
  return createResumableIdSource(now).next;
}

export function createResumableIdSource(now: () => number): ResumableIdSource {
  const generator = new V7Generator(createRandomWords());
  // While the clock is behind the last id, ids keep its time and only their counter grows.
  generator.setRollbackAllowance(TIME_MAX_MS);
  let newest = 0;
  const generate = (time: number) => {
    newest = Math.max(newest, time);
    return generator.generateOrResetWithTs(time);
  };
  return {
    next: () => fromUUIDBytes('', generate(now()).bytes),
    continueAfter: (id) => void generate(timeOfId(id) + 1),
    continueAfterTime: (time) => void generate(time + 1),
    newestTime: () => newest,
  };
}

/** Returns a random id with the given creation time (epoch ms). */
export function idAt(at: number): string {
  const random = crypto.getRandomValues(Buffer.alloc(12));
  const fields = [
    random.readUInt32LE(0) & 0xfff,
    random.readUInt32LE(4) & 0x3fffffff,
    random.readUInt32LE(8),
  ] as const;
  return fromUUIDBytes('', UUID.fromFieldsV7(Math.max(0, at), ...fields).bytes);
}

/** Returns the lowest id of a creation time (epoch ms). All earlier ids sort below it. */
export function firstIdAt(at: number): string {
  return fromUUIDBytes('', UUID.fromFieldsV7(Math.max(0, at), 0, 0, 0).bytes);
}

/** Returns the creation time of an id, epoch ms. */
export function timeOfId(id: string): number {
  return Number.parseInt(formatUuid(id).replace('-', '').slice(0, 12), 16);
}

export function formatId(prefix: IdPrefix, id: string): string {
  return `${prefix}_${id}`;
}

/** Returns the id without its prefix; undefined if the text is not an id with this prefix. */
export function parseId(prefix: IdPrefix, text: string): string | undefined {
  if (!text.startsWith(prefix) || text[prefix.length] !== '_') return undefined;
  const id = text.slice(prefix.length + 1);
  return SUFFIX.test(id) ? id : undefined;
}

const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Formats an id as a UUID. */
export function formatUuid(id: string): string {
  return toUUID(fromString(id));
}

/** Parses an id in UUID format; undefined if the text is not a UUID. */
export function readUuid(text: string): string | undefined {
  return UUID_TEXT.test(text) ? fromUUIDBytes('', UUID.parse(text).bytes) : undefined;
}

/** Parses an id without a prefix; undefined if the text is not an id. */
export function readBareId(text: string): string | undefined {
  return SUFFIX.test(text) ? text : undefined;
}

/** Derives an id from its parts: a UUIDv8 of their SHA-256. The same parts always have the same id. */
export function derivedId(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(parts.join('\0')).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return fromUUIDBytes('', bytes);
}
