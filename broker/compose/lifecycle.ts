/** Listens, starts the parts that run by themselves, and stops a broker gracefully. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { formatId } from '../../shared/ids.ts';
import type { Config } from '../config.ts';
import { correctFutureTimes } from '../core/dispatch/clock-correction.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import { WebhookDeliverer } from '../delivery/webhooks/deliverer.ts';
import { SharedLanes } from '../delivery/webhooks/lanes.ts';
import { RETRY_AFTER_MAX_MS } from '../delivery/webhooks/retry-policy.ts';
import { JOURNAL_WAIT_MS } from '../devices/transport.ts';
import type { ServedApis } from './apis.ts';
import { ClusterMember } from './cluster-member.ts';
import type { Core } from './core.ts';
import { followBrokers } from './follow-brokers.ts';
import { type Jobs, startJobs } from './jobs.ts';
import type { Runtime } from './runtime.ts';
import { USER_AGENT, webhookRequests } from './webhook-requests.ts';

/** Time for load balancers to notice that the broker stops, if there are other brokers. */
const DRAIN_MS = 3_000;
/** Time for running requests to finish. */
const STOP_GRACE_MS = 5_000;
/** The other brokers have removed this one: its requests and jobs can write nothing. */
const REMOVED_GRACE_MS = 500;
const CLOSE_IDLE_MS = 50;
/** Time for a request on a connection that was just opened. */
const CLOSE_UNUSED_AFTER_MS = 500;
/** Time to close the sessions of many devices in steps. */
const CLOSE_SESSIONS_MS = 2_000;
const REMOVED_CLOSE_SESSIONS_MS = 200;
/** Time for a webhook receiver to respond. */
const WEBHOOK_TIMEOUT_MS = 10_000;

/** Returns the address at which the server listens. @throws the error of `listen`, for example EADDRINUSE. */
export async function listen(
  server: Server,
  { port, host }: { port: number; host: string },
): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

/** Starts the sandbox, the provider, the webhook deliverer and the jobs. `predecessor`: a broker that was killed. */
export async function startCore(
  runtime: Runtime,
  core: Core,
  predecessor: string | undefined,
): Promise<Jobs> {
  const { config, log } = runtime;
  const { store, roles, sandbox, providerTarget, deviceEvents } = core;
  await correctStoredTimes(runtime, core);
  // A killed broker recorded neither its end nor that of its sessions.
  const orphans = await store.transaction(async (tx) => {
    if (predecessor !== undefined) await tx.brokers.remove(predecessor);
    await tx.deviceSessions.disconnectOrphans();
    return tx.deviceSessions.away();
  });
  deviceEvents.resume(orphans);
  followDevices(runtime, core);
  const deliverer = createDeliverer(runtime, core);
  store.onDeliveries((webhookId) => deliverer.notifyOf(webhookId));
  const others = followBrokers(runtime, core, deliverer);
  roles.want('sandbox', () => sandbox.start());
  if (providerTarget !== undefined) roles.want('provider', () => providerTarget.start());
  roles.want('jobs', async () => {});
  await roles.tick();
  if (providerTarget !== undefined && config.publicUrl === undefined) {
    log.warn('Set HOMING_PUBLIC_URL: without it the messaging provider cannot deliver inbound texts');
  }
  deliverer.notify();
  return startJobs(runtime, core, { deliverer, others });
}

/** The clock may have been set back, and the lease settings shortened, since the last run. */
async function correctStoredTimes({ config, now, monotonicNow, ids }: Runtime, core: Core): Promise<void> {
  const { store, sandbox } = core;
  const deviceLeaseMs = 1000 * Math.max(config.leaseSeconds, config.reportTimeoutSeconds);
  const leaseMaxMs = Math.max(deviceLeaseMs, sandbox.leaseMs, JOURNAL_WAIT_MS);
  await store.transaction((tx) => tx.messages.shortenLeases(monotonicNow() + leaseMaxMs));
  await correctFutureTimes({ store, now, ids, retryDelayMaxMs: RETRY_AFTER_MAX_MS });
}

/** Open dashboards show the state of devices. */
function followDevices({ onFault }: Runtime, { store, sessions, changeFeed, watched }: Core): void {
  sessions.onChange((tenantId) => {
    if (!changeFeed.hasListeners && !watched.has(tenantId)) return;
    store.read.accounts
      .accountOf(tenantId)
      .then((id) => id && changeFeed.publish(id, tenantId, ['devices', 'numbers', 'overview']))
      .catch(onFault);
  });
}

function createDeliverer(runtime: Runtime, { store, cluster, links }: Core): WebhookDeliverer {
  const { config, log, now, monotonicNow, ids, onFault, brokerMetrics, lateModules } = runtime;
  const isShared = cluster instanceof ClusterMember;
  return new WebhookDeliverer({
    ...{ store, now, monotonicNow, ids, onFault, metrics: brokerMetrics.metrics },
    ...(isShared ? { lanes: new SharedLanes({ store, cluster, monotonicNow }) } : {}),
    post: lateModules.add(async () => {
      const { guardedPost } = await import('../egress/guarded-post.ts');
      return guardedPost({
        ...{ allowsPrivate: config.allowPrivateUrls, timeoutMs: WEBHOOK_TIMEOUT_MS },
        ...(isShared ? { maySend: () => cluster.isCurrent() } : {}),
      });
    }),
    requestFor: webhookRequests({ store, now, linkTo: links.linkTo, userAgent: USER_AGENT }),
    onInactive: ({ id }, reason) =>
      log.warn({ webhook: formatId('wh', id), reason }, 'a webhook turned inactive'),
  });
}

/** `removed`: the other brokers on the database have taken over the work of this one. */
export type StopReason = 'stopped' | 'removed';

/** Lets running requests and jobs finish within the grace period, then closes everything. */
export async function stopBroker(
  { config, log, onFault }: Runtime,
  core: Core,
  { server, served, jobs }: { server: Server; served: ServedApis; jobs: Jobs },
  reason: StopReason,
): Promise<void> {
  const graceMs = reason === 'removed' ? REMOVED_GRACE_MS : STOP_GRACE_MS;
  const { sandbox, providerTarget, streams, liveStreams, sessions, dispatcher, store, cluster } = core;
  const { sockets, connections, health } = served;
  health.isStopping = true;
  log.info('stopping');
  // Requests are served until load balancers have noticed.
  if (reason === 'stopped') await delay(drainMs(config, cluster));
  const graceEnded = new Promise<void>((resolve) => {
    setTimeout(resolve, graceMs).unref();
  });
  const jobsEnded = jobs.stop();
  const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  sandbox.stop();
  const workEnded = Promise.all([providerTarget?.stop(), jobsEnded]);
  streams.closeAll();
  liveStreams.closeAll();
  const closeWithinMs = reason === 'removed' ? REMOVED_CLOSE_SESSIONS_MS : CLOSE_SESSIONS_MS;
  const sessionsClosed = sessions.closeAll(closeWithinMs, Math.random);
  const closingIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  const closingUnused = setTimeout(() => connections.closeUnused(), CLOSE_UNUSED_AFTER_MS);
  const cutOff = setTimeout(() => {
    sockets.terminate();
    server.closeAllConnections();
  }, graceMs);
  await Promise.all([serverClosed, sessionsClosed]);
  clearInterval(closingIdle);
  clearTimeout(closingUnused);
  clearTimeout(cutOff);
  core.imageConverter.close();
  sockets.terminate();
  await Promise.race([workEnded, graceEnded]);
  await dispatcher.idle();
  await core.backups?.stop();
  // A removed broker cannot write.
  if (reason === 'removed') return;
  // On a full disk, or without the database, the broker still stops.
  try {
    await sessions.writePresence();
    await core.keyUse.write();
    // The other brokers take the roles of this one at once.
    await store.transaction((tx) => tx.brokers.remove(cluster.brokerId));
  } catch (error) {
    onFault(error);
  }
}

function drainMs({ drainSeconds }: Config, cluster: Cluster): number {
  return drainSeconds === undefined ? (cluster.hasPeers() ? DRAIN_MS : 0) : drainSeconds * 1_000;
}
