/** Composes the dispatcher with its targets: device sessions, the sandbox and the messaging provider. */
import { paceDefaultsOf } from '../config.ts';
import { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Store } from '../core/ports/store.ts';
import { TEST_NUMBERS } from '../core/sandbox/test-numbers.ts';
import { callbackUrls } from '../device-apis/provider-callbacks/api.ts';
import { SessionRegistry } from '../devices/session-registry.ts';
import type { MediaLinks } from '../media/links.ts';
import { ProviderTarget } from '../providers/provider-target.ts';
import type { Providers } from '../providers/providers.ts';
import { SandboxDevice } from '../providers/sandbox/sandbox-device.ts';
import type { Runtime } from './runtime.ts';

export interface Dispatch {
  dispatcher: Dispatcher;
  sessions: SessionRegistry;
  sandbox: SandboxDevice;
  /** Undefined without a messaging provider. */
  providerTarget: ProviderTarget | undefined;
}

export function composeDispatch(
  runtime: Runtime,
  store: Store,
  { providers, links, publicUrl }: { providers: Providers; links: MediaLinks; publicUrl: () => string },
): Dispatch {
  const { config, log, now, monotonicNow, ids, after, onFault } = runtime;
  const { metrics } = runtime.brokerMetrics;
  const dispatcher = new Dispatcher({
    ...{ store, now, monotonicNow, ids, after, onFault, metrics },
    messageTtlMs: config.messageTtlHours * 3_600_000,
    pace: paceDefaultsOf(config),
  });
  store.onCancelRequests((message) => dispatcher.cancel(message));
  const sandbox = new SandboxDevice({
    ...{ store, dispatcher, now, monotonicNow, ids, after, onFault },
    testNumbers: TEST_NUMBERS,
    reportTimeoutMs: config.sandboxReportTimeoutSeconds * 1000,
  });
  const provider = providers.live;
  const providerTarget =
    provider &&
    new ProviderTarget({
      ...{ store, dispatcher, provider, now, ids, after, onFault, metrics },
      linkTo: links.linkTo,
      statusUrl: (id) => callbackUrls(publicUrl(), 'twilio').statusUrlOf(id),
      onProblem: ({ message, error }) => log.warn({ message, err: error }, 'the provider did not send'),
    });
  const sessions = new SessionRegistry({ store, dispatcher, monotonicNow });
  return { dispatcher, sessions, sandbox, providerTarget };
}
