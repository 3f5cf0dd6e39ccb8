/**
 * Ids of everything Homing keeps: the 26-character base32 suffix of a TypeID (a UUIDv7), so that ids
 * sort by the time they were made. Only the suffix is stored; a prefix is put on where an id is shown
 * (`msg_01jd…`) and taken off where one is read.
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
  | 'lse'
  | 'ses'
  | 'req'
  | 'med'
  | 'con'
  | 'wh'
  | 'evt'
  | 'dlv'
  | 'call';

/** Gives the next id's suffix; strictly ascending within one source, also when the clock steps back. */
export type IdSource = () => string;

/** How far the clock may step back before ids follow it: beyond a day it was the earlier time that was wrong. */
const CLOCK_ROLLBACK_ALLOWANCE_MS = 24 * 60 * 60 * 1000;

const SUFFIX = /^[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/;

/** Asking the system for randomness costs the same for a few bytes as for many. */
const RANDOM_WORDS = 1_024;

function createRandomWords() {
  const words = new Uint32Array(RANDOM_WORDS);
  let next = RANDOM_WORDS;
  return {
    nextUint32(): number {
      if (next === RANDOM_WORDS) {
        crypto.getRandomValues(words);
        next = 0;
      }
      return words[next++]!;
    },
  };
}

export function createIdSource(now: () => number): IdSource {
  const generator = new V7Generator(createRandomWords());
  return () => fromUUIDBytes('', generator.generateOrResetCore(now(), CLOCK_ROLLBACK_ALLOWANCE_MS).bytes);
}

/** An id of a time in the past (epoch ms): it takes its place among those made then. */
export function idAt(at: number): string {
  const random = crypto.getRandomValues(new Uint32Array(3));
  const fields = [random[0]! & 0xfff, random[1]! & 0x3fffffff, random[2]!] as const;
  return fromUUIDBytes('', UUID.fromFieldsV7(Math.max(0, at), ...fields).bytes);
}

/** The lowest id that could be made at a time (epoch ms): what was made before it sorts below. */
export function firstIdAt(at: number): string {
  return fromUUIDBytes('', UUID.fromFieldsV7(Math.max(0, at), 0, 0, 0).bytes);
}

/** When an id was made, epoch ms. */
export function timeOfId(id: string): number {
  return Number.parseInt(formatUuid(id).replace('-', '').slice(0, 12), 16);
}

export function formatId(prefix: IdPrefix, id: string): string {
  return `${prefix}_${id}`;
}

/** The suffix of a shown id, or undefined when the text is not an id of that kind. */
export function parseId(prefix: IdPrefix, shown: string): string | undefined {
  if (!shown.startsWith(prefix) || shown[prefix.length] !== '_') return undefined;
  const id = shown.slice(prefix.length + 1);
  return SUFFIX.test(id) ? id : undefined;
}

const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The same id as a plain UUID. */
export function formatUuid(id: string): string {
  return toUUID(fromString(id));
}

/** The suffix of an id that is shown as a UUID, or undefined when the text is none. */
export function readUuid(shown: string): string | undefined {
  return UUID_TEXT.test(shown) ? fromUUIDBytes('', UUID.parse(shown).bytes) : undefined;
}

/** The suffix as it stands, where an API shows it without a prefix; undefined when the text is none. */
export function readBareId(shown: string): string | undefined {
  return SUFFIX.test(shown) ? shown : undefined;
}

/** The id of something that is known by other things, so that it need not be looked up: a UUIDv8 of their SHA-256. */
export function derivedId(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(parts.join('\0')).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return fromUUIDBytes('', bytes);
}
