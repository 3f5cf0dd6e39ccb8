/** What a text from a customer may be, whichever API it comes by. */

/** Text that can be stored and sent whole: no NUL, no half of a surrogate pair. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Code points, but counted only where the answer is not plain from the length. */
export function isWithin(text: string, max: number): boolean {
  return text.length <= max || (text.length <= max * 2 && [...text].length <= max);
}
