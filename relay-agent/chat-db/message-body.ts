/** The text of a row of chat.db: in `text`, or where that is empty in `attributedBody`, a typedstream. */
import { NSString, Unarchiver } from '@parseaple/typedstream';

/** Stands in the text for each attachment; it says nothing by itself. */
const ATTACHMENT_MARK = /\uFFFC/g;
/** Before the string of an NSString: the one type of which it is written. */
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
    // Attributes of a kind that the library does not know, or a body that was cut off: the text comes before them.
  }
  return firstString(attributedBody) ?? '';
}

/** Length and UTF-8 of the first string, where they are plainly there. */
function firstString(body: Buffer): string | undefined {
  const at = body.indexOf(STRING_TYPE);
  if (at < 0) return undefined;
  const start = at + STRING_TYPE.length;
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
