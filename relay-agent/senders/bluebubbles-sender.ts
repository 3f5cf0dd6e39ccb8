/**
 * Sends through a BlueBubbles server on this Mac: by its Private API if that is ready, else by AppleScript.
 *
 * - A request for the state of the server sends nothing, so its failure is a rejection.
 * - The password is part of every URL and is removed from every reported problem.
 */
import { z } from 'zod';
import { blueBubblesClient } from './bluebubbles-client.ts';
import { rejected, sentMessage, unsupported } from './bluebubbles-outcomes.ts';
import {
  availabilityRequest,
  changeRequest,
  isSafeId,
  signalRequest,
  UNSAFE_ID_PROBLEM,
} from './bluebubbles-requests.ts';
import { sendThrough } from './bluebubbles-sending.ts';
import { blueBubblesServer } from './bluebubbles-server.ts';
import { canStopTyping, isAvailable, type ServerInfo, stateOf } from './bluebubbles-state.ts';
import {
  addressOf,
  type Change,
  needOfChange,
  needsOfSending,
  type Sender,
  type SenderGap,
  type SenderState,
  type Sending,
  type SendOutcome,
  type Signal,
} from './sender.ts';

export interface BlueBubblesOptions {
  /** URL of the server: `http://localhost:1234`, or a public address. */
  url: string;
  password: string;
  /** Timeout of one message or change, in milliseconds. */
  timeoutMs?: number;
  /** Called with problems that affect no message. */
  onProblem?(problem: string): void;
  fetch?: typeof globalThis.fetch;
}

/** The server waits up to two minutes for the row of the message before it responds. */
const TIMEOUT_MS = 130_000;

const availabilitySchema = z.object({ available: z.boolean() });

export function blueBubblesSender(options: BlueBubblesOptions): Sender {
  const { timeoutMs = TIMEOUT_MS, onProblem = () => {} } = options;
  const client = blueBubblesClient(options);
  const server = blueBubblesServer(client, timeoutMs);

  const redacted = (outcome: SendOutcome): SendOutcome =>
    outcome.kind === 'accepted' ? outcome : { ...outcome, problem: client.redact(outcome.problem) };

  const probe = async (): Promise<SenderState> => {
    const { gaps, ...state } = stateOf(await server.probe());
    return { ...state, gaps: gaps.map(({ problem, fix }) => ({ problem: client.redact(problem), fix })) };
  };

  const attempt = async (info: ServerInfo, sending: Sending): Promise<SendOutcome> => {
    const { capabilities, canCreateGroups, gaps } = stateOf(info);
    const missing = needsOfSending(sending).find((need) => !capabilities.includes(need));
    if (missing !== undefined) return unsupported(lackOf(missing, gaps));
    if (sending.to.kind === 'new_group' && !canCreateGroups) return unsupported(lackOf('new groups', gaps));
    const report = (problem: string) => onProblem(client.redact(problem));
    return sendThrough(server, info, sending, report);
  };

  const send = async (sending: Sending): Promise<SendOutcome> => {
    const { to } = sending;
    const ids = [
      ...(to.kind === 'new_group' ? to.participants : [addressOf(to)]),
      ...(sending.replyTo === undefined ? [] : [sending.replyTo.guid]),
    ];
    if (!ids.every(isSafeId)) return rejected(UNSAFE_ID_PROBLEM);
    const info = await server.info();
    if (!isAvailable(info)) return redacted(info.rejection);
    const outcome = await attempt(info, sending);
    // The Private API was lost and nothing was sent, so AppleScript can send now.
    if (outcome.kind !== 'rejected' || server.isCurrent()) return redacted(outcome);
    const newInfo = await server.info();
    return redacted(isAvailable(newInfo) ? await attempt(newInfo, sending) : newInfo.rejection);
  };

  const change = async (wanted: Change): Promise<SendOutcome> => {
    const ids = [
      wanted.chat,
      ...('of' in wanted ? [wanted.of.guid] : []),
      ...('handle' in wanted ? [wanted.handle] : []),
    ];
    if (!ids.every(isSafeId)) return rejected(UNSAFE_ID_PROBLEM);
    const info = await server.info();
    if (!isAvailable(info)) return redacted(info.rejection);
    const need = needOfChange(wanted);
    const { capabilities, gaps } = stateOf(info);
    if (!capabilities.includes(need)) return unsupported(lackOf(need, gaps));
    if (wanted.kind === 'rename_group' && wanted.name.trim() === '') {
      return unsupported('BlueBubbles cannot remove the name of a group.');
    }
    const { outcome, data } = await server.perform(changeRequest(wanted));
    if (outcome.kind !== 'accepted') return redacted(outcome);
    return { kind: 'accepted', chat: wanted.chat, ...('of' in wanted ? sentMessage(data) : {}) };
  };

  const signal = async (wanted: Signal): Promise<void> => {
    const chat = wanted.chat ?? (wanted.to.kind === 'group' ? wanted.to.chat : undefined);
    if (chat === undefined || !isSafeId(chat)) return;
    const info = await server.info();
    if (!isAvailable(info) || info.privateApi !== 'ready') return;
    // The indicator ends with the next message, or after a minute.
    const isStop = wanted.kind === 'typing' && !wanted.isTyping;
    if (isStop && !canStopTyping(info)) return;
    await server.query(signalRequest(wanted, chat));
  };

  const lookUp = async (handle: string): Promise<'imessage' | 'sms' | 'unknown'> => {
    const info = await server.info();
    if (!isAvailable(info) || info.privateApi !== 'ready') return 'unknown';
    const response = await server.query(availabilityRequest(handle));
    if (response.kind !== 'response' || response.status !== 200) return 'unknown';
    const { success, data } = availabilitySchema.safeParse(response.data);
    if (!success) return 'unknown';
    if (data.available) return 'imessage';
    return handle.includes('@') ? 'unknown' : 'sms';
  };

  return { name: 'bluebubbles', probe, send, change, signal, lookUp, close() {} };
}

function lackOf(need: string, [gap]: readonly SenderGap[]): string {
  const reason = gap === undefined ? '' : ` ${gap.problem} ${gap.fix}`;
  return `BlueBubbles does not support '${need}' on this Mac.${reason}`;
}
