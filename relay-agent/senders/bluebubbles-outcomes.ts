/**
 * Derives the outcome of a send or a change from the response of a BlueBubbles server.
 *
 * - A response of the server with a status below 500 rejects the request before Messages got it.
 * - A server error may follow a send, so its outcome is unknown, except for errors that the server returns before it.
 */
import { z } from 'zod';
import type { ServerResponse } from './bluebubbles-client.ts';
import type { SendOutcome } from './sender.ts';

/** Errors of the server and of its helper (1.9.9, helper 0.0.21) that precede any action in Messages. */
const PRIVATE_API_ERRORS: ReadonlySet<string> = new Set([
  'iMessage Private API is not enabled!',
  'iMessage Private API Helper is not connected!',
  'Failed to invoke Private API! Error: BlueBubblesHelper is not running!',
]);
const NOT_STARTED: ReadonlySet<string> = new Set([
  ...PRIVATE_API_ERRORS,
  'Chat does not exist in IMChatRegistry!',
  'Chat does not exist in CKConversationList!',
  'Failed to find all handles for specified service!',
  'Failed to find handle!',
  'Unable to add more recipients!',
  'Chat is not a group',
  'Chat is not a group chat!',
  'Cannot create group chats on macOS Big Sur or newer!',
  'Unsend message is only supported on macOS Ventura and newer!',
]);
/** Another request with the same temporary guid is in progress, so the message may be sent. */
const ALREADY_QUEUED = /already queued to be sent/;

export type Rejection = Extract<SendOutcome, { kind: 'rejected' }>;

const guid = z.string().min(1).max(200);
const messageSchema = z.object({ guid, chats: z.array(z.object({ guid })).optional() });
const chatSchema = z.object({ guid, messages: z.array(z.object({ guid })).optional() });

export function outcomeOf(response: ServerResponse, origin: string): SendOutcome {
  if (response.kind === 'broken') {
    const problem = `BlueBubbles at ${origin}: ${response.message}`;
    return response.wasSent ? { kind: 'unknown', problem } : rejected(problem);
  }
  const { kind, status } = response;
  if (status === 401 || status === 403) {
    const problem = `BlueBubbles at ${origin} rejects the password (status ${status}); copy it from the settings of BlueBubbles.`;
    return { kind: 'rejected', code: 'permission_denied', problem };
  }
  if (kind === 'foreign') {
    const problem = `The server at ${origin} is not BlueBubbles (status ${status}).`;
    return status >= 300 && status < 500 ? rejected(problem) : { kind: 'unknown', problem };
  }
  if (status < 300) return { kind: 'accepted' };
  const problem = `BlueBubbles returned status ${status}: ${withoutScript(response.message)}`;
  if (/\(-1743\)/.test(problem)) return { kind: 'rejected', code: 'permission_denied', problem };
  const isStarted =
    status >= 500 ? !NOT_STARTED.has(response.message) : ALREADY_QUEUED.test(response.message);
  return isStarted ? { kind: 'unknown', problem } : rejected(problem);
}

/** Reads the guids of a message in a response. */
export function sentMessage(data: unknown): { guid?: string; chat?: string } {
  const { success, data: message } = messageSchema.safeParse(data);
  if (!success) return {};
  const [chat] = message.chats ?? [];
  return { guid: message.guid, ...(chat === undefined ? {} : { chat: chat.guid }) };
}

/** Reads the guids of a chat and of its first message in the response of `chat/new`. */
export function createdChat(data: unknown): { guid?: string; chat?: string } {
  const { success, data: chat } = chatSchema.safeParse(data);
  if (!success) return {};
  const [message] = chat.messages ?? [];
  return { chat: chat.guid, ...(message === undefined ? {} : { guid: message.guid }) };
}

/** The Private API was switched off, or its helper lost its connection. */
export function lacksPrivateApi(response: ServerResponse): boolean {
  return response.kind === 'response' && PRIVATE_API_ERRORS.has(response.message);
}

/** For requests that send nothing. */
export function asRejection(outcome: SendOutcome): Exclude<SendOutcome, { kind: 'unknown' }> {
  return outcome.kind === 'unknown' ? rejected(outcome.problem) : outcome;
}

export function rejected(problem: string): Rejection {
  return { kind: 'rejected', code: 'device_error', problem };
}

export function unsupported(problem: string): Rejection {
  return { kind: 'rejected', code: 'unsupported', problem };
}

/** Removes the first line of an osascript error: it quotes the script, including the text of the message. */
function withoutScript(message: string): string {
  return message.replace(/^Command failed: [^\n]*\n?/, '').trim();
}
