/** Defines the dependencies of the Texting Blue operations. */
import type { IdSource } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { LookUp } from '../../core/contacts/look-up.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { EventStream, StreamRequest } from '../../core/model/event-stream.ts';
import type { Signal, SignalOutcome } from '../../core/model/signal.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Store } from '../../core/ports/store.ts';
import type { UploadedFiles } from '../../core/ports/uploaded-files.ts';
import type { TestNumbers } from '../../core/sandbox/test-numbers.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';

export interface MessageOptions extends UrlOptions {
  store: Store;
  messageSender: MessageSender;
  context: { now: () => number; ids: IdSource };
  /** Returns the number of SMS segments of a text. */
  countSegments: (text: string) => number;
  waitContext: () => WaitContext;
  uploadedFiles: UploadedFiles;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}

export interface ConversationOptions extends MessageOptions {
  projector: Projector;
  sandbox: TestNumbers;
  /** Sends a signal to a device of the conversation's number. */
  signal(tenant: Tenant, conversation: Conversation, signal: Signal): Promise<SignalOutcome>;
}

export interface LookupOperationOptions {
  lookUp: LookUp;
}

export interface NumberOptions {
  store: Store;
  dispatcher: Dispatcher;
  keyContext: KeyContext;
  /** Returns the time of the last frame of a device (epoch ms); undefined if the device is not connected here. */
  lastSeenAt: (deviceId: string) => number | undefined;
  setupUrl: (code: string) => string;
  waitContext: () => WaitContext;
}

export interface WebhookOptions extends UrlOptions {
  store: Store;
  keyContext: KeyContext;
}

export interface EventOptions {
  store: Store;
  /** Opens a stream of the committed events. */
  openEvents: (request: StreamRequest) => Promise<EventStream>;
  context: { now: () => number; ids: IdSource };
}

export interface TextingBlueOptions
  extends ConversationOptions,
    LookupOperationOptions,
    NumberOptions,
    WebhookOptions,
    EventOptions {
  authenticate: AuthenticateCaller;
}
