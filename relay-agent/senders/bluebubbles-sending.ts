/**
 * Sends a part of a message through a BlueBubbles server: to an existing chat, to a person without a chat, or to a new
 * group. The lookup of a chat sends nothing, so any failure up to there is a rejection.
 */
import { effectId } from '../../shared/effects.ts';
import type { ServerRequest } from './bluebubbles-client.ts';
import { createdChat, rejected, sentMessage, unsupported } from './bluebubbles-outcomes.ts';
import {
  futureChat,
  type Method,
  newChatRequest,
  possibleChats,
  renameRequest,
  sendRequest,
} from './bluebubbles-requests.ts';
import type { BlueBubblesServer } from './bluebubbles-server.ts';
import { findsChats, hasAnyChats, type ServerInfo } from './bluebubbles-state.ts';
import { needsOfSending, type Recipient, type Sending, type SendOutcome } from './sender.ts';

/**
 * On macOS 26, the AppleScript method waits two minutes for a row in a chat that does not exist, and then returns an
 * error. Only chat.db shows the message, so a longer wait has no use.
 */
const UNMATCHED_TIMEOUT_MS = 30_000;

/** `onProblem` is called if a new group has its message but no name. */
export async function sendThrough(
  server: BlueBubblesServer,
  info: ServerInfo,
  sending: Sending,
  onProblem: (problem: string) => void,
): Promise<SendOutcome> {
  const { to, effect } = sending;
  if (effect !== undefined && effectId(effect) === undefined) {
    return unsupported(`BlueBubbles has no effect with the name '${effect}'.`);
  }
  switch (to.kind) {
    case 'new_group':
      return createGroup(server, sending, to, onProblem);
    case 'group':
      return sendToGroup(server, info, sending, to);
    case 'handle':
      return findsChats(info)
        ? sendToPerson(server, info, sending, to)
        : sendToHandle(server, info, sending, to);
  }
}

async function createGroup(
  server: BlueBubblesServer,
  sending: Sending,
  to: Recipient & { kind: 'new_group' },
  onProblem: (problem: string) => void,
): Promise<SendOutcome> {
  const { content } = sending;
  if (content.kind !== 'text') {
    return unsupported(
      'BlueBubbles creates a group only with a text. Send the file to the group after the text.',
    );
  }
  if (sending.replyTo !== undefined) return unsupported('A new group has no message to reply to.');
  const creation = newChatRequest(sending, to.participants, content.text, 'private-api');
  const { outcome, data } = await server.perform(creation);
  if (outcome.kind !== 'accepted') return outcome;
  const created = createdChat(data);
  if (to.name !== undefined && created.chat !== undefined) {
    const renaming = await server.perform(renameRequest(created.chat, to.name));
    if (renaming.outcome.kind !== 'accepted')
      onProblem(`The new group has no name. ${renaming.outcome.problem}`);
  }
  return { kind: 'accepted', ...created };
}

async function sendToGroup(
  server: BlueBubblesServer,
  info: ServerInfo,
  sending: Sending,
  to: Recipient & { kind: 'group' },
): Promise<SendOutcome> {
  const found = await server.findChat(possibleChats(to, sending.service, hasAnyChats(info)));
  if (found.kind === 'failed') return found.rejection;
  if (found.kind === 'missing') return rejected(`BlueBubbles has no chat with the guid ${to.chat}.`);
  return sendToChat(server, sending, found.chat, methodOf(info));
}

async function sendToPerson(
  server: BlueBubblesServer,
  info: ServerInfo,
  sending: Sending,
  to: Recipient & { kind: 'handle' },
): Promise<SendOutcome> {
  const { content, service } = sending;
  const found = await server.findChat(possibleChats(to, service, hasAnyChats(info)));
  if (found.kind === 'failed') return found.rejection;
  const method = methodOf(info);
  if (found.kind === 'found') return sendToChat(server, sending, found.chat, method);
  if (sending.replyTo !== undefined) {
    return rejected('BlueBubbles has no chat with this recipient, so it cannot reply.');
  }
  if (content.kind === 'text') {
    const { outcome, data } = await server.perform(
      newChatRequest(sending, [to.handle], content.text, method),
    );
    return outcome.kind === 'accepted'
      ? { kind: 'accepted', ...guidsOf(createdChat(data), method) }
      : outcome;
  }
  if (needsOfSending(sending).length > 0) {
    return unsupported(
      'BlueBubbles sends this file only to an existing chat. Send a text to the recipient first.',
    );
  }
  return sendToHandle(server, info, sending, to);
}

/** AppleScript sends to the handle in the guid if no chat has this guid. The Private API needs a chat. */
async function sendToHandle(
  server: BlueBubblesServer,
  info: ServerInfo,
  sending: Sending,
  to: Recipient & { kind: 'handle' },
): Promise<SendOutcome> {
  const chat = futureChat(to.handle, sending.service);
  const request = await requestOrRejection(sending, chat, 'apple-script');
  if ('kind' in request) return request;
  const { outcome } = await server.perform(request, hasAnyChats(info) ? UNMATCHED_TIMEOUT_MS : undefined);
  return outcome;
}

async function sendToChat(
  server: BlueBubblesServer,
  sending: Sending,
  chat: string,
  method: Method,
): Promise<SendOutcome> {
  const request = await requestOrRejection(sending, chat, method);
  if ('kind' in request) return request;
  const { outcome, data } = await server.perform(request);
  if (outcome.kind !== 'accepted') return outcome;
  return { kind: 'accepted', chat, ...guidsOf(sentMessage(data), method) };
}

async function requestOrRejection(
  sending: Sending,
  chat: string,
  method: Method,
): Promise<ServerRequest | SendOutcome> {
  try {
    return await sendRequest(sending, chat, method);
  } catch (error) {
    return rejected(`Cannot read the file: ${(error as Error).message}`);
  }
}

/** The helper returns the guid of the message. For AppleScript, the server guesses it by the text: it may be another. */
function guidsOf(sent: { guid?: string; chat?: string }, method: Method): { guid?: string; chat?: string } {
  if (method === 'private-api') return sent;
  return sent.chat === undefined ? {} : { chat: sent.chat };
}

function methodOf({ privateApi }: ServerInfo): Method {
  return privateApi === 'ready' ? 'private-api' : 'apple-script';
}
