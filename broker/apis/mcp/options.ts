/** What the tools work with. */
import type { Projector } from '../../core/inbox/projections.ts';
import type { SendRules } from '../../core/messages/accept-message.ts';
import type { Queries } from '../../core/ports/store.ts';
import type { UrlRules } from '../../http/url-rules.ts';

export interface ToolServices extends UrlRules {
  store: { read: Queries };
  projector: Pick<Projector, 'catchUp'>;
  sendRules: Pick<SendRules, 'now' | 'sandbox' | 'prices' | 'countSegments'>;
}
