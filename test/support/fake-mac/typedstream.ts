/**
 * Encodes a text like Messages: an NSMutableAttributedString as an NSArchiver typedstream. Unlike NSArchiver it writes
 * repeated classes and strings again instead of sharing them; decoders accept both.
 */
export interface Run {
  /** UTF-16 units. */
  length: number;
  attributes: Record<string, string | number>;
}

const NEW = Buffer.from([0x84]);
const NIL = Buffer.from([0x85]);
const END = Buffer.from([0x86]);
const OBJECT = Buffer.from([0x92]);

/** One byte up to 0x7f; larger values have a tag and two or four bytes, little endian. */
function integer(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = Buffer.alloc(value < 0x8000 ? 3 : 5);
  bytes[0] = value < 0x8000 ? 0x81 : 0x82;
  if (value < 0x8000) bytes.writeUInt16LE(value, 1);
  else bytes.writeUInt32LE(value, 1);
  return bytes;
}

function shared(text: string): Buffer {
  return Buffer.concat([NEW, integer(Buffer.byteLength(text)), Buffer.from(text)]);
}

/** Encodes a class with its superclasses: `NSString 1, NSObject 0`. */
function classOf(...names: Array<[name: string, version: number]>): Buffer {
  const each = names.map(([name, version]) => Buffer.concat([NEW, shared(name), integer(version)]));
  return Buffer.concat([...each, NIL]);
}

const NS_OBJECT: [string, number] = ['NSObject', 0];
const NS_STRING: [string, number] = ['NSString', 1];

function stringObject(text: string, ...subclass: Array<[string, number]>): Buffer {
  const utf8 = Buffer.from(text);
  const head = [NEW, classOf(...subclass, NS_STRING, NS_OBJECT), shared('+')];
  return Buffer.concat([...head, integer(utf8.length), utf8, END]);
}

function numberObject(value: number): Buffer {
  // An NSValue starts with the C string of its type.
  const type = [shared('*'), NEW, shared('i')];
  return Buffer.concat([
    NEW,
    classOf(['NSNumber', 0], ['NSValue', 0], NS_OBJECT),
    ...type,
    shared('i'),
    integer(value),
    END,
  ]);
}

function dictionary(entries: Record<string, string | number>): Buffer {
  const fields = Object.entries(entries).flatMap(([key, value]) => [
    ...[OBJECT, stringObject(key)],
    ...[OBJECT, typeof value === 'string' ? stringObject(value) : numberObject(value)],
  ]);
  const head = [NEW, classOf(['NSDictionary', 0], NS_OBJECT), shared('i')];
  return Buffer.concat([...head, integer(Object.keys(entries).length), ...fields, END]);
}

export function attributedBody(
  text: string,
  runs: readonly Run[] = [{ length: text.length, attributes: { __kIMMessagePartAttributeName: 0 } }],
): Buffer {
  return Buffer.concat([
    Buffer.from('\x04\x0bstreamtyped\x81\xe8\x03', 'latin1'),
    shared('@'),
    NEW,
    classOf(['NSMutableAttributedString', 0], ['NSAttributedString', 0], NS_OBJECT),
    OBJECT,
    stringObject(text, ['NSMutableString', 1]),
    ...runs.flatMap(({ length, attributes }, index) => [
      ...[shared('iI'), integer(index + 1), integer(length)],
      ...[OBJECT, dictionary(attributes)],
    ]),
    END,
  ]);
}
