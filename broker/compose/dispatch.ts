/** Composes the dispatcher with its targets: device sessions, the sandbox and the messaging provider. */
import { LeaderRoles } from '../cluster/leader-roles.ts';
import { servedElsewhere } from '../cluster/served-elsewhere.ts';
import { paceDefaultsOf } from '../config.ts';
import { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';
import { TEST_NUMBERS } from '../core/sandbox/test-numbers.ts';
import { callbackUrls } from '../device-apis/provider-callbacks/api.ts';
import { DeviceEvents } from '../devices/device-events.ts';
import { ReachableDevices } from '../devices/reachable-devices.ts';
import { RemoteRequests } from '../devices/remote-requests.ts';
import { SessionRegistry } from '../devices/session-registry.ts';
import type { MediaLinks } from '../media/links.ts';
import { ProviderTarget } from '../providers/provider-target.ts';
import type { Providers } from '../providers/providers.ts';
import { SandboxDevice } from '../providers/sandbox/sandbox-device.ts';
import type { Runtime } from './runtime.ts';

export interface Dispatch {
  roles: LeaderRoles;
  dispatcher: Dispatcher;
  sessions: SessionRegistry;
  reachable: ReachableDevices;
  deviceEvents: DeviceEvents;
  sandbox: SandboxDevice;
  /** Undefined without a messaging provider. */
  providerTarget: ProviderTarget | undefined;
}

export function composeDispatch(
  runtime: Runtime,
  {
    store,
    cluster,
    providers,
    links,
    publicUrl,
  }: {
    store: Store;
    cluster: Cluster;
    providers: Providers;
    links: MediaLinks;
    publicUrl: () => string;
  },
): Dispatch {
  const { config, log, now, monotonicNow, ids, after, onFault } = runtime;
  const { metrics } = runtime.brokerMetrics;
  const roles = new LeaderRoles({
    ...{ store, cluster },
    onTaken: (role) => cluster.hasPeers() && log.info({ role }, 'this broker has the role now'),
  });
  const dispatcher = new Dispatcher({
    ...{ store, cluster, now, monotonicNow, ids, after, onFault, metrics },
    isMaintainer: () => roles.has('jobs'),
    isServedElsewhere: servedElsewhere({ store, cluster, monotonicNow }),
    messageTtlMs: config.messageTtlHours * 3_600_000,
    pace: paceDefaultsOf(config),
  });
  store.onCancellations((message) => dispatcher.cancel(message));
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
  const deviceEvents = new DeviceEvents({ store, ids, now, monotonicNow });
  const sessions = new SessionRegistry({
    ...{ store, dispatcher, cluster, monotonicNow, onFault },
    events: deviceEvents,
  });
  const remote = new RemoteRequests({ store, cluster, sessions, ids, now, after, onFault });
  const reachable = new ReachableDevices({ store, cluster, sessions, remote });
  return { roles, dispatcher, sessions, reachable, deviceEvents, sandbox, providerTarget };
}
