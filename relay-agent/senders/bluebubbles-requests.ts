/** Creates the requests to BlueBubbles that send a message, change a message or a group, or signal. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { effectId } from '../../shared/effects.ts';
import type { ServerRequest } from './bluebubbles-client.ts';
import type { Change, Recipient, Sending, Signal } from './sender.ts';

export type Method = 'private-api' | 'apple-script';

/** The server inserts the recipient unescaped into a shell command, in double quotes. */
const UNSAFE_IN_SHELL = /["$`\\!\s]/;
/** Segments that a URL resolves. */
const RELATIVE_PATH = /^\.{0,2}$/;

export const UNSAFE_ID_PROBLEM =
  'A recipient or an id for BlueBubbles must not be empty or contain a space or any of " $ ` \\ !';

export function isSafeId(id: string): boolean {
  return !UNSAFE_IN_SHELL.test(id) && !RELATIVE_PATH.test(id);
}

/**
 * Returns the possible guids of an existing chat, the likely one first. Since macOS 26, the guid of a chat starts with
 * `any`; it does not name the service, so SMS to a person does not use it.
 */
export function possibleChats(
  to: Exclude<Recipient, { kind: 'new_group' }>,
  service: Sending['service'],
  hasAnyChats: boolean,
): string[] {
  if (to.kind === 'handle') {
    if (service === 'sms') return [`SMS;-;${to.handle}`];
    const guids = [`iMessage;-;${to.handle}`, `any;-;${to.handle}`];
    return hasAnyChats ? guids.reverse() : guids;
  }
  const other = to.chat.startsWith('any;')
    ? to.chat.replace('any;', 'iMessage;')
    : to.chat.replace(/^[^;]*;/, 'any;');
  return other === to.chat ? [to.chat] : [to.chat, other];
}

/** Returns the guid of the direct chat that the server creates for a person without one. */
export function futureChat(handle: string, service: Sending['service']): string {
  return `${serviceName(service)};-;${handle}`;
}

export function chatLookup(chat: string): ServerRequest {
  return { method: 'GET', path: ['chat', chat] };
}

/** @throws if the file is not readable */
export async function sendRequest(
  sending: Sending,
  chatGuid: string,
  method: Method,
): Promise<ServerRequest> {
  const fields = { chatGuid, tempGuid: sending.attemptId, method, ...richFields(sending) };
  if (sending.content.kind === 'text') {
    const part = sending.replyTo === undefined ? {} : { partIndex: sending.replyTo.part };
    const body = { ...fields, message: sending.content.text, ...part };
    return { method: 'POST', path: ['message', 'text'], body };
  }
  const name = basename(sending.content.path);
  const form = new FormData();
  for (const [field, value] of Object.entries({ ...fields, name })) form.set(field, value);
  if (sending.replyTo !== undefined) form.set('partIndex', `${sending.replyTo.part}`);
  if (sending.isVoiceNote === true) form.set('isAudioMessage', 'true');
  form.set('attachment', await openAsBlob(sending.content.path), name);
  return { method: 'POST', path: ['message', 'attachment'], body: form };
}

/** Creates a chat with its first text. `chat/new` accepts neither a file nor a reply. */
export function newChatRequest(
  { attemptId, service, subject, effect }: Sending,
  addresses: readonly string[],
  message: string,
  method: Method,
): ServerRequest {
  const fields = { addresses, message, service: serviceName(service), tempGuid: attemptId, method };
  const body = { ...fields, ...richFields({ subject, effect }) };
  return { method: 'POST', path: ['chat', 'new'], body };
}

export function changeRequest(change: Change): ServerRequest {
  const { chat } = change;
  switch (change.kind) {
    case 'react':
    case 'unreact': {
      const { guid: selectedMessageGuid, part: partIndex } = change.of;
      const reaction = change.kind === 'react' ? change.reaction : `-${change.reaction}`;
      const body = { chatGuid: chat, selectedMessageGuid, reaction, partIndex };
      return { method: 'POST', path: ['message', 'react'], body };
    }
    case 'edit': {
      const body = {
        editedMessage: change.text,
        // Shown by versions of Messages without edits; the words are those of Messages.
        backwardsCompatibilityMessage: `Edited to “${change.text}”`,
        partIndex: change.of.part,
      };
      return { method: 'POST', path: ['message', change.of.guid, 'edit'], body };
    }
    case 'unsend': {
      const body = { partIndex: change.of.part };
      return { method: 'POST', path: ['message', change.of.guid, 'unsend'], body };
    }
    case 'rename_group':
      return renameRequest(chat, change.name);
    case 'add_participant':
      return { method: 'POST', path: ['chat', chat, 'participant', 'add'], body: { address: change.handle } };
    case 'remove_participant': {
      const body = { address: change.handle };
      return { method: 'POST', path: ['chat', chat, 'participant', 'remove'], body };
    }
    case 'leave_group':
      return { method: 'POST', path: ['chat', chat, 'leave'] };
  }
}

export function renameRequest(chat: string, displayName: string): ServerRequest {
  return { method: 'PUT', path: ['chat', chat], body: { displayName } };
}

/** The request to stop typing is `DELETE`. */
export function signalRequest({ kind, isTyping }: Signal, chat: string): ServerRequest {
  if (kind === 'read') return { method: 'POST', path: ['chat', chat, 'read'] };
  return { method: isTyping ? 'POST' : 'DELETE', path: ['chat', chat, 'typing'] };
}

export function availabilityRequest(address: string): ServerRequest {
  return { method: 'GET', path: ['handle', 'availability', 'imessage'], query: { address } };
}

/** Omits missing fields: the server selects the Private API for any of these. */
function richFields({ subject, effect, replyTo }: RichContent): Record<string, string> {
  const id = effect === undefined ? undefined : effectId(effect);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(id === undefined ? {} : { effectId: id }),
    ...(replyTo === undefined ? {} : { selectedMessageGuid: replyTo.guid }),
  };
}

interface RichContent {
  subject?: string | undefined;
  effect?: string | undefined;
  replyTo?: Sending['replyTo'];
}

function serviceName(service: Sending['service']): 'SMS' | 'iMessage' {
  return service === 'sms' ? 'SMS' : 'iMessage';
}
