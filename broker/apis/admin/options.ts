/** Defines the dependencies of the operations of the dashboard: one interface for each file of operations. */
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MemberContext } from '../../core/members/sessions.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Store } from '../../core/ports/store.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { Uploads } from '../../media/uploads.ts';
import type { AuthenticationOptions } from './authenticate.ts';
import type { ChangeFeed } from './change-feed.ts';

export interface SessionOptions {
  store: Store;
  context: MemberContext;
  ownOrigin: AuthenticationOptions['ownOrigin'];
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

export type AdminOptions = AuthenticationOptions &
  SessionOptions &
  ConversationOptions &
  SendOptions &
  MediaOptions & { changeFeed: ChangeFeed };
