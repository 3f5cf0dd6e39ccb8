/** Reads the text of a row of chat.db from `text`, or from the typedstream in `attributedBody` if `text` is empty. */
import { NSAttributedString, NSString, Unarchiver } from '@parseaple/typedstream';

/** Placeholder of an attachment in the text. */
const ATTACHMENT_MARK = /\uFFFC/g;
/** Type marker in front of the characters of an NSString. */
const STRING_TYPE = Buffer.from([0x84, 0x01, 0x2b]);
const SIGNATURE = Buffer.from('\x04\x0bstreamtyped', 'latin1');
const PART = '__kIMMessagePartAttributeName';

/** A text or a file of a message. */
export interface BodyPart {
  index: number;
  text: string;
}

export function bodyText(text: string | null, attributedBody: Buffer | null): string {
  if (text !== null && text !== '') return plainText(text);
  return attributedBody === null
    ? ''
    : plainText(decode(attributedBody)?.string ?? firstString(attributedBody) ?? '');
}

/** Returns whether the body contains no text that this program can read. An empty text is readable. */
export function isUnreadable(attributedBody: Buffer | null): boolean {
  if (attributedBody === null || attributedBody.length === 0) return false;
  return decode(attributedBody) === undefined && firstString(attributedBody) === undefined;
}

/** Returns the parts with their placeholders, in order of their index. A body without parts is one part. */
export function bodyParts(text: string | null, attributedBody: Buffer | null): BodyPart[] {
  const body = attributedBody === null ? undefined : decode(attributedBody);
  const whole = body?.string ?? text ?? (attributedBody && firstString(attributedBody)) ?? '';
  if (!(body instanceof NSAttributedString)) return whole === '' ? [] : [{ index: 0, text: whole }];
  const texts = new Map<number, string>();
  for (const { range, attributes } of body.runs) {
    const [from = 0, length = 0] = range;
    const index = Number(attributes[PART] ?? 0);
    texts.set(index, (texts.get(index) ?? '') + whole.slice(from, from + length));
  }
  return [...texts].map(([index, own]) => ({ index, text: own })).toSorted((a, b) => a.index - b.index);
}

/** Removes the placeholders of attachments. */
export function plainText(text: string): string {
  return text.replace(ATTACHMENT_MARK, '').trim();
}

function decode(attributedBody: Buffer): NSString | undefined {
  if (!attributedBody.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  try {
    // Without the archives inside the attributes, such as detected dates.
    const unarchiver = Unarchiver.open(attributedBody, Unarchiver.BinaryDecoding.none);
    const root: unknown = [unarchiver.decodeSingleRoot()].flat()[0];
    return root instanceof NSString ? root : undefined;
  } catch {
    // The library does not know the type of an attribute, or the body is truncated. The text precedes the attributes.
    return undefined;
  }
}

/** Reads the first string (length, then UTF-8); undefined if it is not valid. */
function firstString(body: Buffer): string | undefined {
  const position = body.indexOf(STRING_TYPE);
  if (position < 0) return undefined;
  const start = position + STRING_TYPE.length;
  const tag = body[start];
  let length: number | undefined;
  let from = start + 1;
  if (tag === 0x81 && from + 2 <= body.length) {
    length = body.readUInt16LE(from);
    from += 2;
  } else if (tag === 0x82 && from + 4 <= body.length) {
    length = body.readUInt32LE(from);
    from += 4;
  } else if (tag !== undefined && tag < 0x80) length = tag;
  if (length === undefined || from + length > body.length) return undefined;
  const text = body.toString('utf8', from, from + length);
  return text.includes('\uFFFD') ? undefined : text;
}
