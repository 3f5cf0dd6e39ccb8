/** Defines the dependencies of the Inkbox iMessage operations. */
import type { IdSource } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { Signal, SignalOutcome } from '../../core/model/signal.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Store } from '../../core/ports/store.ts';
import type { UploadedFiles } from '../../core/ports/uploaded-files.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';

export interface InkboxImessageOptions extends UrlOptions {
  store: Store;
  authenticate: AuthenticateCaller;
  projector: Projector;
  messageSender: MessageSender;
  keyContext: KeyContext;
  context: { now: () => number; ids: IdSource };
  /** Creates the default number of the sandbox. */
  sandboxContext: Pick<AcceptOptions, 'ids' | 'now' | 'sandbox'>;
  uploadedFiles: UploadedFiles;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  /** Sends a signal to a device of the conversation's number. */
  signal(tenant: Tenant, conversation: Conversation, signal: Signal): Promise<SignalOutcome>;
}
