/** Formats a conversation for people: one paragraph for each message, with its reactions, reply and earlier texts. */
import { type NameOf, oneLine, withName } from '../message-output.ts';
import { colored, coloredState, localTime } from '../terminal.ts';
import type {
  ConversationOutput,
  GroupChangeOutput,
  ThreadMessageOutput,
  ThreadOutput,
} from './conversation-source.ts';

const QUOTE_MAX = 60;

const TAPBACK_SYMBOLS: Readonly<Record<string, string>> = {
  love: '❤️',
  like: '👍',
  dislike: '👎',
  laugh: '😂',
  emphasize: '‼️',
  question: '❓',
};

/** Returns the name of the group, or the names of the participants. */
export async function titleOf(
  { name, participants }: Pick<ConversationOutput, 'name' | 'participants'>,
  nameOf: NameOf,
): Promise<string> {
  if (name !== null && name !== '') return oneLine(name);
  return namesOf(participants, nameOf);
}

/** Returns the lines of the conversation, oldest first. */
export async function threadLines(thread: ThreadOutput, nameOf: NameOf): Promise<string[]> {
  const { is_group, phone_number, participants, messages, changes } = thread;
  const title = colored('bold', await titleOf(thread, nameOf));
  const lines = [
    is_group
      ? `${title}  group of ${phone_number} with ${await namesOf(participants, nameOf)}`
      : `${title}  with ${phone_number}`,
  ];
  const contents = new Map(messages.map(({ id, content }) => [id, content]));
  const since = messages.length < thread.total_count ? (messages[0]?.created_at ?? '') : '';
  // A group is created at the time of its first message, and shown before it.
  const entries = [
    ...changes.filter(({ at }) => at >= since).map((change) => ({ at: change.at, change })),
    ...messages.map((message) => ({ at: message.created_at, message })),
  ].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  for (const entry of entries) {
    if ('message' in entry) lines.push(...(await messageLines(entry.message, thread, contents, nameOf)));
    else
      lines.push(colored('dim', `${localTime(entry.at)}  ${await changeText(entry.change, thread, nameOf)}`));
  }
  return lines;
}

async function messageLines(
  message: ThreadMessageOutput,
  { phone_number }: ThreadOutput,
  contents: ReadonlyMap<string, string>,
  nameOf: NameOf,
): Promise<string[]> {
  const { reply_to, reactions, edits, unsent_at, read_at, effect, subject, media, content } = message;
  const who = (handle: string) => (handle === phone_number ? 'you' : withName(handle, nameOf));
  const state = message.direction === 'inbound' ? '' : `  ${coloredState(message.status)}`;
  const head = `${localTime(message.created_at)}  ${await who(message.sender)}${state}  ${colored('dim', message.id)}`;
  const details: string[] = [];
  if (reply_to !== null) {
    const quoted = reply_to.message_id === null ? undefined : contents.get(reply_to.message_id);
    details.push(`reply to ${quoted === undefined ? 'an earlier message' : quote(quoted)}`);
  }
  if (subject !== null) details.push(`subject: ${oneLine(subject)}`);
  if (unsent_at !== null) details.push(`unsent ${localTime(unsent_at)}`);
  else if (content !== '') details.push(oneLine(content));
  for (const name of media) details.push(`file: ${name === null ? 'without a name' : oneLine(name)}`);
  if (effect !== null) details.push(`effect: ${oneLine(effect)}`);
  const before = edits.slice(0, -1).map((edit) => quote(edit.content));
  if (before.length > 0) details.push(`edited; before: ${before.join(', ')}`);
  const shown = await Promise.all(
    reactions.map(async ({ reaction, handle, part }) => {
      const target = part === 0 ? '' : ` (part ${part})`;
      return `${TAPBACK_SYMBOLS[reaction] ?? reaction} ${await who(handle)}${target}`;
    }),
  );
  if (shown.length > 0) details.push(`reactions: ${shown.join(', ')}`);
  if (read_at !== null && message.direction === 'outbound') details.push(`read ${localTime(read_at)}`);
  return [head, ...details.map((detail) => `    ${detail}`)];
}

async function changeText(
  { kind, actor, value }: GroupChangeOutput,
  { phone_number }: ThreadOutput,
  nameOf: NameOf,
): Promise<string> {
  const who = async (handle: string | null) =>
    handle === null ? 'unknown' : handle === phone_number ? 'you' : withName(handle, nameOf);
  const by = await who(actor);
  switch (kind) {
    case 'named':
      return value
        ? `${by}: renamed the group to “${oneLine(value)}”`
        : `${by}: removed the name of the group`;
    case 'joined':
      return value === null || value === actor ? `${by}: joined` : `${by}: added ${await who(value)}`;
    case 'left':
      return value === null || value === actor ? `${by}: left` : `${by}: removed ${await who(value)}`;
    default:
      return `${by}: created the group`;
  }
}

async function namesOf(handles: readonly string[], nameOf: NameOf): Promise<string> {
  return (await Promise.all(handles.map((handle) => withName(handle, nameOf)))).join(', ');
}

function quote(text: string): string {
  const characters = [...oneLine(text)];
  return characters.length > QUOTE_MAX
    ? `“${characters.slice(0, QUOTE_MAX).join('')}…”`
    : `“${characters.join('')}”`;
}
