/** What the operations of this API work with. */
import type { ProjectionRules, Projector } from '../../core/inbox/projections.ts';
import type { SendRules } from '../../core/messages/accept-message.ts';
import type { Submission } from '../../core/messages/send-messages.ts';
import type { Store } from '../../core/ports/store.ts';

export interface InkboxServices {
  store: Store;
  projector: Projector;
  submission: Submission;
  /** What a number of the sandbox is made by. */
  sandboxRules: Pick<SendRules, 'ids' | 'now' | 'sandbox'>;
  projectionRules: () => ProjectionRules;
  /** Whether media_urls may be http:// or private. */
  allowsPrivateUrls: boolean;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}
