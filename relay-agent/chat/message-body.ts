/** The text of a row of chat.db: in `text`, or where that is empty in `attributedBody`, a typedstream. */
import { NSString, Unarchiver } from '@parseaple/typedstream';

/** Stands in the text for each attachment; it says nothing by itself. */
const ATTACHMENT_MARK = /\uFFFC/g;

export function bodyText(text: string | null, attributedBody: Buffer | null): string {
  const whole = text !== null && text !== '' ? text : attributedBody === null ? '' : decode(attributedBody);
  return whole.replace(ATTACHMENT_MARK, '').trim();
}

function decode(attributedBody: Buffer): string {
  try {
    const root: unknown = [Unarchiver.open(attributedBody).decodeSingleRoot()].flat()[0];
    return root instanceof NSString ? root.string : '';
  } catch {
    // A body of a form that nobody has seen yet: the message is still told, without its text.
    return '';
  }
}
