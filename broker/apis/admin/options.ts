/** Defines the dependencies of the operations of the dashboard: one interface for each file of operations. */

import type { IncomingMessage } from 'node:http';
import type { KeyUse } from '../../core/accounts/key-use.ts';
import type { MinuteLimit } from '../../core/accounts/minute-limit.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MemberContext } from '../../core/members/sessions.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { ConnectedDevice } from '../../core/model/device-health.ts';
import type { HomingEvent } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Passwords } from '../../core/ports/passwords.ts';
import type { Store } from '../../core/ports/store.ts';
import type { OwnOrigin } from '../../http/own-origin.ts';
import type { PublicUrl } from '../../http/public-url.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { Uploads } from '../../media/uploads.ts';
import type { AuthenticationOptions } from './authenticate.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { PasskeyChallenges } from './passkey-challenges.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';

export interface SessionOptions {
  store: Store;
  context: MemberContext;
  ownOrigin: OwnOrigin;
  /** Returns the address of the client, as limits count it. */
  addressOf(request: IncomingMessage): string;
  publicUrl(): string;
  version: string;
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
  challengeLimit: MinuteLimit;
}

export interface MemberOptions {
  store: Store;
  context: MemberContext;
  /** Returns the address of the broker for links that the client passes on. */
  addressFor(request: IncomingMessage): string;
}

/** The sessions of connected devices. */
export interface DeviceSessions {
  /** Undefined if the device is not connected. */
  connected(deviceId: string): ConnectedDevice | undefined;
  closeDevice(deviceId: string): void;
}

export interface DeviceOptions {
  store: Store;
  context: MemberContext;
  dispatcher: Pick<Dispatcher, 'notify'>;
  sessions: DeviceSessions;
  version: string;
}

export interface NumberOptions extends DeviceOptions {
  waitContext: () => WaitContext;
}

export interface PairingOptions {
  store: Store;
  context: MemberContext;
  sessions: DeviceSessions;
  address: PublicUrl;
}

export interface KeyOptions {
  store: Store;
  context: MemberContext;
  keyUse: Pick<KeyUse, 'lastUsedAt'>;
  address: PublicUrl;
}

export interface WebhookOptions extends UrlOptions {
  store: Store;
  context: MemberContext;
}

export interface DeliveryOptions {
  store: Store;
  context: MemberContext;
  /** Returns the signed request of an event, in the format of the webhook. */
  requestFor(
    event: HomingEvent,
    webhook: Webhook,
    now: number,
  ): Promise<{ headers: Readonly<Record<string, string>>; body: string }>;
}

export interface MessageOptions extends ConversationOptions, DeliveryOptions {}

export interface ContactOptions {
  store: Store;
  context: MemberContext;
}

export type AdminOptions = AuthenticationOptions &
  PasskeyOptions &
  MemberOptions &
  ConversationOptions &
  SendOptions &
  MediaOptions &
  SessionOptions &
  NumberOptions &
  PairingOptions &
  KeyOptions &
  WebhookOptions &
  DeliveryOptions &
  MessageOptions &
  ContactOptions & { changeFeed: ChangeFeed };
