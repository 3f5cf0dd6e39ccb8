/** Formats messages for the output of commands. */
import { colored, coloredState, localTime } from './terminal.ts';

/** A message in the output of `--json`. */
export interface MessageOutput {
  /** `msg_…` */
  id: string;
  direction: 'inbound' | 'outbound';
  status: string;
  from: string;
  /** Null for a group. */
  to: string | null;
  /** `conv_…`, only for a group. */
  conversation_id?: string;
  content: string;
  late?: true;
  error_code: string | null;
  error_message: string | null;
  /** ISO 8601, UTC. */
  created_at: string;
  /** Why and until when (ISO 8601, UTC) a queued message is not sent. */
  waiting?: { until: string | null; reason: string; message: string };
}

/** Returns the name of a contact or a device; undefined: it has none. */
export type NameOf = (handleOrId: string) => Promise<string | undefined>;

export async function messageLine(
  { from, to, content, created_at, ...state }: MessageOutput,
  nameOf: NameOf,
): Promise<string> {
  const [sender, recipient] = [
    await withName(from, nameOf),
    to === null ? 'group' : await withName(to, nameOf),
  ];
  const text = oneLine(content);
  const line = `${localTime(created_at)}  ${sender} → ${recipient}  ${stateText(state)}  ${text}`;
  return state.waiting === undefined ? line : `${line}\n    ${waitingText(state.waiting)}`;
}

function waitingText({ until, message }: NonNullable<MessageOutput['waiting']>): string {
  return colored('dim', until === null ? message : `${message} Not before ${localTime(until)}.`);
}

/** The line for a new status of a message that is watched. `at`: ISO 8601. */
export function statusLine(message: MessageOutput, at: string): string {
  const seconds = (Date.parse(at) - Date.parse(message.created_at)) / 1000;
  const after = colored('dim', `+${Math.max(0, seconds).toFixed(1)} s`);
  const reason = message.error_message === null ? '' : `  ${message.error_message}`;
  const delay = message.waiting === undefined ? '' : `  ${waitingText(message.waiting)}`;
  return `${localTime(at)}  ${stateText(message)}  ${after}${reason}${delay}`;
}

function stateText({ status, error_code }: Pick<MessageOutput, 'status' | 'error_code'>): string {
  return coloredState(status, error_code === null ? status : `${status} (${error_code})`);
}

/** Replaces line breaks and other white space by single spaces. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Returns the handle, with the name of its contact if there is one. */
export async function withName(handle: string, nameOf: NameOf): Promise<string> {
  const name = await nameOf(handle);
  return name === undefined ? handle : `${name} (${handle})`;
}

/** True if the status can still change. */
export function isPending({ status }: Pick<MessageOutput, 'status'>): boolean {
  return status === 'queued' || status === 'polling' || status === 'sent';
}
