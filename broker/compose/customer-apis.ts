/** The APIs that customers call, each given what it needs of the one core. */
import { countSegments } from '../../shared/sms-segments.ts';
import { inkboxApis } from '../apis/inkbox/api.ts';
import { mcpApis } from '../apis/mcp/api.ts';
import { textingBlueApi } from '../apis/texting-blue/api.ts';
import { textreeApi } from '../apis/textree/api.ts';
import { textreeHealthApi } from '../apis/textree/health.ts';
import { textusApi } from '../apis/textus/api.ts';
import type { KeyContext } from '../core/accounts/api-keys.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { WaitContext } from '../core/dispatch/waiting.ts';
import type { ProjectionContext } from '../core/inbox/projections.ts';
import type { Projector } from '../core/inbox/projector.ts';
import type { AcceptOptions } from '../core/messages/accept-message.ts';
import type { MessageSender } from '../core/messages/send-messages.ts';
import type { PlanTable } from '../core/model/plan.ts';
import type { Environment } from '../core/model/tenant.ts';
import type { PurchaseOptions } from '../core/numbers/number-purchases.ts';
import type { MessagingProvider } from '../core/ports/provider.ts';
import type { Store } from '../core/ports/store.ts';
import type { EventStreams } from '../delivery/sse/event-streams.ts';
import type { SessionRegistry } from '../devices/session-registry.ts';
import { createCallerAuthentication } from '../http/authenticate.ts';
import type { ServeContext } from '../http/handle-request.ts';
import type { AnyApi } from '../http/operation.ts';
import type { MediaLibrary } from '../media/library.ts';

export interface CustomerApiOptions {
  store: Store;
  dispatcher: Dispatcher;
  sessions: SessionRegistry;
  keyContext: KeyContext;
  plans: PlanTable;
  messageSender: MessageSender;
  acceptOptions: AcceptOptions;
  waitContext: () => WaitContext;
  projector: Projector;
  projectionContext: () => ProjectionContext;
  library: MediaLibrary;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  publicUrl: () => string;
  allowsPrivateUrls: boolean;
  allowsPurchases: boolean;
  providerFor: (environment: Environment) => MessagingProvider | undefined;
  purchases: PurchaseOptions;
  streams: EventStreams;
  version: string;
  context: ServeContext;
  /** Calls back once after so many milliseconds; gives what calls it off. */
  after(ms: number, run: () => void): () => void;
  /** A call of a tool could not be written down. */
  onUnrecorded(error: unknown): void;
}

export function customerApis(options: CustomerApiOptions): AnyApi[] {
  const { store, keyContext, plans, acceptOptions, sessions, publicUrl } = options;
  const { now, ids, secrets } = keyContext;
  const authenticate = createCallerAuthentication({ store, secrets, plans, now });
  const context = { now, ids };
  const { sandbox } = acceptOptions;
  return [
    textingBlueApi({
      ...options,
      authenticate,
      context,
      countSegments,
      openEvents: (request) => options.streams.open(request),
      lastSeenAt: (deviceId) => sessions.lastSeenAt(deviceId),
      setupUrl: (code) => `${publicUrl()}/setup-shortcut?token=${code}`,
    }),
    textreeHealthApi(),
    textreeApi({ ...options, authenticate, sandbox, countSegments }),
    ...mcpApis({ ...options, authenticate, ids, now }),
    ...inkboxApis({ ...options, authenticate, testNumbers: acceptOptions }),
    textusApi({ ...options, authenticate, context, sandboxSender: sandbox.defaultSender }),
  ];
}
