/** Handles the requests and the signals of the broker, which are not queued. */
import type { BrokerFrame } from '../shared/protocol.ts';
import type { ChatDatabase } from './chat-db/chat-database.ts';
import type { Senders } from './senders/ranked-senders.ts';
import { signShortcut } from './setup/sign-shortcut.ts';

export type BrokerRequest = Extract<BrokerFrame, { type: 'request' }>;
export type BrokerSignal = Extract<BrokerFrame, { type: 'signal' }>;

export interface BrokerRequestsOptions {
  chat: ChatDatabase;
  senders: Pick<Senders, 'signal' | 'lookUp'>;
  /** Path of the `shortcuts` program; undefined on a Mac without it. */
  shortcuts: string | undefined;
}

/** Returns the fields of the `answer` frame; undefined for an unsupported operation. */
export function handleRequest(
  options: BrokerRequestsOptions,
  request: BrokerRequest,
): Promise<object> | undefined {
  switch (request.op) {
    case 'sign_shortcut':
      return options.shortcuts === undefined ? undefined : signShortcut(options.shortcuts, request);
    case 'lookup':
      return typeof request.handle === 'string' ? lookUp(options, request.handle) : undefined;
    default:
      return undefined;
  }
}

/** The history needs no special permissions, so it comes first. */
async function lookUp({ chat, senders }: BrokerRequestsOptions, handle: string): Promise<object> {
  const service = chat.serviceOf(handle);
  return { service: service === 'unknown' ? await senders.lookUp(handle) : service };
}

/** Sends a typing indicator or a read receipt. A signal that cannot be sent is dropped. */
export function handleSignal({ chat, senders }: BrokerRequestsOptions, signal: BrokerSignal): void {
  const { kind, to, state } = signal;
  const isTyping = state !== 'stop';
  if (to !== undefined) {
    void senders.signal({ kind, to: { kind: 'handle', handle: to }, chat: chat.chats.direct(to), isTyping });
    return;
  }
  const group = signal.chat === undefined ? undefined : (chat.chats.group(signal.chat)?.guid ?? signal.chat);
  if (group !== undefined) {
    void senders.signal({ kind, to: { kind: 'group', chat: group }, chat: group, isTyping });
  }
}
