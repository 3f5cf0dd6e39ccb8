/** What the tools work with. */
import type { Projector } from '../../core/inbox/projector.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { Queries } from '../../core/ports/store.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';

export interface ToolContext extends UrlOptions {
  store: { read: Queries };
  projector: Pick<Projector, 'catchUp'>;
  acceptOptions: Pick<AcceptOptions, 'now' | 'sandbox' | 'prices' | 'countSegments'>;
}
