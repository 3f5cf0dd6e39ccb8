/** Defines the dependencies of the MCP API and its tools. */
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { AcceptOptions } from '../../core/messages/accept-message.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Queries, Store } from '../../core/ports/store.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { ServeContext } from '../../http/handle-request.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import type { EventResourceOptions } from './event-resource.ts';
import type { ToolRunnerOptions } from './run-tool.ts';

export interface ToolOptions extends UrlOptions {
  store: { read: Queries };
  projector: Pick<Projector, 'catchUp'>;
  acceptOptions: Pick<AcceptOptions, 'now' | 'sandbox' | 'prices' | 'countSegments'>;
  waitContext: () => WaitContext;
}

export interface McpOptions
  extends ToolOptions,
    Pick<EventResourceOptions, 'serializeEvent'>,
    Pick<ToolRunnerOptions, 'ids' | 'now' | 'after' | 'onUnrecorded'> {
  store: Store;
  messageSender: MessageSender;
  authenticate: AuthenticateCaller;
  version: string;
  context: Pick<ServeContext, 'newRequestId' | 'onFault'>;
}
