/** Reads the recipient of a message from the arguments of `homing send`: a handle, a group or a conversation. */
import { GROUP_PARTICIPANTS_MAX } from '../../broker/core/model/group-chat.ts';
import { parseId } from '../../shared/ids.ts';
import { isHandle, isPhoneNumber, normalizeHandle } from '../../shared/phone-numbers.ts';
import { CommandError, EXIT } from '../terminal.ts';
import type { Recipient } from './message-source.ts';

export interface RecipientOptions {
  toGroup?: string;
  conversation?: string;
}

/**
 * With `--to-group` or `--conversation`, the only argument is the text.
 *
 * @throws CommandError
 */
export function readRecipient(
  given: readonly string[],
  { toGroup, conversation }: RecipientOptions,
): Recipient & { text: string } {
  if (toGroup !== undefined && conversation !== undefined) {
    throw usage('--to-group and --conversation exclude each other. Remove one of them.');
  }
  const [first, second] = given;
  if (toGroup === undefined && conversation === undefined) {
    if (first === undefined || second === undefined) {
      throw usage('<to> and <text> are required, or <text> with --to-group or --conversation.');
    }
    return { to: readHandles('<to>', [first])[0] ?? '', text: second };
  }
  const option = toGroup === undefined ? '--conversation' : '--to-group';
  if (first === undefined) throw usage(`<text> is required with ${option}.`);
  if (second !== undefined) {
    throw usage(`With ${option}, the only argument is the text. Remove '${first}'.`);
  }
  if (toGroup !== undefined) return { participants: readGroup(toGroup), text: first };
  if (parseId('conv', conversation ?? '') === undefined) {
    throw usage(
      `--conversation was given '${conversation}'; allowed: an id of the list of npx homing conversations.`,
    );
  }
  return { conversationId: conversation, text: first };
}

function readGroup(given: string): string[] {
  const handles = [...new Set(readHandles('--to-group', given.split(',')))];
  if (handles.length >= 2 && handles.length <= GROUP_PARTICIPANTS_MAX) return handles;
  throw usage(
    `--to-group was given ${handles.length} handles; allowed: 2 to ${GROUP_PARTICIPANTS_MAX} different handles, separated by commas.`,
  );
}

function readHandles(name: string, given: readonly string[]): string[] {
  return given.map((one) => {
    const handle = normalizeHandle(one.trim());
    if (isPhoneNumber(handle) || (handle.includes('@') && isHandle(handle))) return handle;
    throw usage(
      `${name} was given '${one}'; allowed: a number in E.164 format, such as +14155550100, or an e-mail address.`,
    );
  });
}

const usage = (message: string) => new CommandError(message, EXIT.usage);
