/** Checks the length of a text before it is sent. */
import { CONTENT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** @throws CommandError */
export function checkText(text: string): void {
  const length = [...text].length;
  if (length > 0 && length <= CONTENT_MAX_CHARACTERS) return;
  throw new CommandError(
    `<text> has ${length} characters; allowed: 1 to ${CONTENT_MAX_CHARACTERS}.`,
    EXIT.usage,
  );
}
