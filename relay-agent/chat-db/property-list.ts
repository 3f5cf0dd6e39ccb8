/**
 * Parses binary property lists. The content comes from other devices, so its size is limited: a list that refers to the same
 * array many times would otherwise grow without bounds.
 */
import { parseBinary } from 'plist';

const MAX_KB = 256;
export const PROPERTY_LIST_MAX_BYTES = MAX_KB * 1024;
/** Maximum number of values, with repetitions. */
const VALUES_MAX = 10_000;
/** Maximum length of all texts, with repetitions. */
const CHARACTERS_MAX = 1_000_000;

const TRAILER_BYTES = 32;
/** Types of values, in the upper half of their first byte. */
const ASCII = 0x5;
const UTF16 = 0x6;
const ARRAY = 0xa;
const DICTIONARY = 0xd;

/** @throws Error if the list is too large or damaged */
export function parsePropertyList(data: Buffer): unknown {
  if (data.length > PROPERTY_LIST_MAX_BYTES) throw new Error(`The property list exceeds ${MAX_KB} KB.`);
  assertSmall(data);
  return parseBinary(data);
}

/**
 * Counts the values like the parser visits them. The list ends with the sizes of offsets and references and the position of
 * the offsets; an array has the references of its values, and a dictionary those of its keys and its values.
 */
function assertSmall(data: Buffer): void {
  const trailer = data.subarray(-TRAILER_BYTES);
  const offsetBytes = trailer.readUInt8(6);
  const referenceBytes = trailer.readUInt8(7);
  const offsets = Number(trailer.readBigUInt64BE(24));
  let values = 0;
  let characters = 0;
  const visit = (index: number): void => {
    const at = data.readUIntBE(offsets + index * offsetBytes, offsetBytes);
    const type = data.readUInt8(at) >> 4;
    const { size, start } = sizeAt(data, at);
    values += 1;
    if (type === ASCII || type === UTF16) characters += size;
    if (values > VALUES_MAX || characters > CHARACTERS_MAX) throw new Error('The property list is too long.');
    const count = type === ARRAY ? size : type === DICTIONARY ? 2 * size : 0;
    for (let place = 0; place < count; place += 1) {
      visit(data.readUIntBE(start + place * referenceBytes, referenceBytes));
    }
  };
  visit(Number(trailer.readBigUInt64BE(16)));
}

/** A size from 15 follows the first byte as a number. */
function sizeAt(data: Buffer, at: number): { size: number; start: number } {
  const size = data.readUInt8(at) & 0xf;
  if (size < 0xf) return { size, start: at + 1 };
  const bytes = 2 ** (data.readUInt8(at + 1) & 0xf);
  return { size: data.readUIntBE(at + 2, bytes), start: at + 2 + bytes };
}
