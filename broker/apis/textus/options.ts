/** Defines the dependencies of the TextUs operations. */
import type { IdSource } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Store } from '../../core/ports/store.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import type { MediaLibrary } from '../../media/library.ts';

export interface TextusOptions extends UrlOptions {
  store: Store;
  authenticate: AuthenticateCaller;
  messageSender: MessageSender;
  projector: Pick<Projector, 'catchUp'>;
  library: MediaLibrary;
  keyContext: KeyContext;
  context: { now: () => number; ids: IdSource };
  /** Default number of the sandbox. */
  sandboxSender: string;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
}
