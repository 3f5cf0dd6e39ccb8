/** Defines the dependencies of the operations of the dashboard: one interface for each file of operations. */

import type { IncomingMessage } from 'node:http';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MemberContext } from '../../core/members/sessions.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { EventStream, StreamItem, StreamRequest } from '../../core/model/event-stream.ts';
import type { LiveStream, LiveStreamRequest } from '../../core/model/live-stream.ts';
import type { Passwords } from '../../core/ports/passwords.ts';
import type { RateLimit } from '../../core/ports/rate-limits.ts';
import type { Store } from '../../core/ports/store.ts';
import type { OwnOrigin } from '../../http/own-origin.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { Uploads } from '../../media/uploads.ts';
import type { AuthenticationOptions } from './access/authenticate.ts';
import type { PasskeyChallenges } from './access/passkey-challenges.ts';
import type { SignInThrottle } from './access/sign-in-throttle.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { DeliveryOptions, ManagementOptions } from './management-options.ts';

export interface SessionOptions {
  store: Store;
  context: MemberContext;
  ownOrigin: OwnOrigin;
  /** Returns the address of the client, as limits count it. */
  addressOf(request: IncomingMessage): string;
  publicUrl(): string;
  version: string;
  changeFeed: ChangeFeed;
}

export interface ConversationOptions {
  store: Store;
  context: MemberContext;
  projector: Projector;
  waitContext: () => WaitContext;
}

export interface SendOptions {
  store: Store;
  context: MemberContext;
  projector: Projector;
  messageSender: MessageSender;
  acceptOptions: AcceptOptions;
  waitContext: () => WaitContext;
}

export interface MediaOptions {
  store: Store;
  context: MemberContext;
  uploads: Uploads;
  library: MediaLibrary;
}

export interface SignInOptions extends SessionOptions {
  passwords: Passwords;
  throttle: SignInThrottle;
}

export interface PasskeyOptions extends SignInOptions {
  challenges: PasskeyChallenges;
  /** Counts the challenges of an address. */
  challengeLimit: RateLimit;
}

export interface MemberOptions {
  store: Store;
  context: MemberContext;
  /** Returns the address of the broker for links that the client passes on. */
  addressFor(request: IncomingMessage): string;
}

export interface MessageOptions extends ConversationOptions, DeliveryOptions {}

export interface SavedReplyOptions {
  store: Store;
  context: MemberContext;
  projector: Projector;
}

export interface EventOptions {
  /** @throws HomingError rate_limited if the member has too many open streams. */
  openLiveStream(request: LiveStreamRequest): LiveStream;
}

export interface EventStreamOptions {
  context: MemberContext;
  /** @throws HomingError rate_limited if the account has too many open streams. */
  openEvents(request: StreamRequest): Promise<EventStream>;
  /** Returns the bytes of the event stream of the API. */
  formatEvents(items: AsyncIterable<StreamItem>): AsyncIterable<Uint8Array>;
}

export type AdminOptions = AuthenticationOptions &
  ConversationOptions &
  ManagementOptions &
  MediaOptions &
  MemberOptions &
  MessageOptions &
  EventOptions &
  EventStreamOptions &
  SavedReplyOptions &
  PasskeyOptions &
  SendOptions &
  SessionOptions;
