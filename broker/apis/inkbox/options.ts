/** Defines the dependencies of the Inkbox operations. */
import type { ProjectionContext } from '../../core/inbox/projections.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Store } from '../../core/ports/store.ts';
import type { UploadedFiles } from '../../core/ports/uploaded-files.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';

export interface InkboxOptions extends UrlOptions {
  store: Store;
  authenticate: AuthenticateCaller;
  projector: Projector;
  messageSender: MessageSender;
  /** Creates the default number of the sandbox. */
  sandboxContext: Pick<AcceptOptions, 'ids' | 'now' | 'sandbox'>;
  uploadedFiles: UploadedFiles;
  projectionContext: () => ProjectionContext;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}
