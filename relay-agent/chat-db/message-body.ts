/** Reads the text of a row of chat.db from `text`, or from the typedstream in `attributedBody` if `text` is empty. */
import { NSString, Unarchiver } from '@parseaple/typedstream';

/** Placeholder of an attachment in the text. */
const ATTACHMENT_MARK = /\uFFFC/g;
/** Type marker in front of the characters of an NSString. */
const STRING_TYPE = Buffer.from([0x84, 0x01, 0x2b]);

export function bodyText(text: string | null, attributedBody: Buffer | null): string {
  const whole = text !== null && text !== '' ? text : attributedBody === null ? '' : decode(attributedBody);
  return whole.replace(ATTACHMENT_MARK, '').trim();
}

function decode(attributedBody: Buffer): string {
  try {
    const root: unknown = [Unarchiver.open(attributedBody).decodeSingleRoot()].flat()[0];
    if (root instanceof NSString) return root.string;
  } catch {
    // The library does not know the type of an attribute, or the body is truncated. The text precedes the attributes.
  }
  return firstString(attributedBody) ?? '';
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
