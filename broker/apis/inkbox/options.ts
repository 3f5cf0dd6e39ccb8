/** What the operations of this API work with. */
import type { ProjectionContext } from '../../core/inbox/projections.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Store } from '../../core/ports/store.ts';

export interface InkboxContext {
  store: Store;
  projector: Projector;
  messageSender: MessageSender;
  /** What a number of the sandbox is made by. */
  sandboxContext: Pick<AcceptOptions, 'ids' | 'now' | 'sandbox'>;
  projectionContext: () => ProjectionContext;
  /** Whether media_urls may be http:// or private. */
  allowsPrivateUrls: boolean;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}
