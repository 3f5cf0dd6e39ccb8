/** Listens, starts the parts that run by themselves, and stops a broker gracefully. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatId } from '../../shared/ids.ts';
import { correctFutureTimes } from '../core/dispatch/clock-correction.ts';
import type { Store } from '../core/ports/store.ts';
import { WebhookDeliverer } from '../delivery/webhooks/deliverer.ts';
import { RETRY_AFTER_MAX_MS } from '../delivery/webhooks/retry-policy.ts';
import type { ServedApis } from './apis.ts';
import type { Core } from './core.ts';
import { type Jobs, startJobs } from './jobs.ts';
import type { Runtime } from './runtime.ts';
import { webhookRequests } from './webhook-requests.ts';

/** Time for running requests to finish. */
const STOP_GRACE_MS = 5_000;
const CLOSE_IDLE_MS = 50;
/** Time for a request on a connection that was just opened. */
const CLOSE_UNUSED_AFTER_MS = 500;
/** A change of another process is detected within a second. */
const CANCEL_NEWS_MS = 10_000;
const CANCELS_MAX = 100;
const RECONNECT_AFTER_SECONDS = 1;
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

/** Starts the sandbox, the provider, the webhook deliverer and the jobs. */
export async function startCore(runtime: Runtime, core: Core): Promise<Jobs> {
  const { config, log } = runtime;
  const { store, sandbox, providerTarget } = core;
  await correctStoredTimes(runtime, core);
  // A killed broker did not record the end of its sessions.
  await store.transaction((tx) => tx.devices.disconnectAll());
  followOutsideChanges(runtime, core);
  followDevices(runtime, core);
  await sandbox.start();
  await providerTarget?.start();
  if (providerTarget !== undefined && config.publicUrl === undefined) {
    log.warn('Set HOMING_PUBLIC_URL: without it the messaging provider cannot deliver inbound texts');
  }
  const deliverer = createDeliverer(runtime, core);
  store.onDeliveries((webhookId) => deliverer.notifyOf(webhookId));
  store.onOutsideChange(() => deliverer.notify());
  deliverer.notify();
  return startJobs(runtime, core, deliverer);
}

/** The clock may have been set back, and the lease settings shortened, since the last run. */
async function correctStoredTimes({ config, now, monotonicNow, ids }: Runtime, core: Core): Promise<void> {
  const { store, sandbox } = core;
  const deviceLeaseMs = 1000 * Math.max(config.leaseSeconds, config.reportTimeoutSeconds);
  const leaseMaxMs = Math.max(deviceLeaseMs, sandbox.leaseMs);
  await store.transaction((tx) => tx.messages.shortenLeases(monotonicNow() + leaseMaxMs));
  await correctFutureTimes({ store, now, ids, retryDelayMaxMs: RETRY_AFTER_MAX_MS });
}

/** Another process (the CLI) may have revoked a device, or queued or cancelled a message. */
function followOutsideChanges({ onFault, now }: Runtime, core: Core): void {
  const { store, streams, liveStreams, sessions } = core;
  store.onOutsideChange(() => {
    streams.notify();
    liveStreams.notifyAll();
    sessions
      .closeRevoked()
      .then(() => notifyQueues(store, core))
      .then(() => cancelRequested(store, core, now()))
      .catch(onFault);
  });
}

/** Open dashboards show the state of devices. */
function followDevices({ onFault }: Runtime, { store, sessions, changeFeed }: Core): void {
  sessions.onChange((tenantId) => {
    if (!changeFeed.hasListeners) return;
    store.read.accounts
      .accountOf(tenantId)
      .then((id) => id && changeFeed.publish(id, tenantId, ['devices', 'numbers', 'overview']))
      .catch(onFault);
  });
}

async function notifyQueues(store: Store, { dispatcher }: Core): Promise<void> {
  for (const environment of ['live', 'test'] as const) {
    for (const id of await store.read.numbers.withQueue(environment)) dispatcher.notify(id, environment);
  }
}

/** Asks the devices to cancel the messages whose cancellation another process requested a moment ago. */
async function cancelRequested(store: Store, { dispatcher }: Core, now: number): Promise<void> {
  const requested = await store.read.messages.cancelRequested(now - CANCEL_NEWS_MS, CANCELS_MAX);
  for (const message of requested) dispatcher.cancel(message);
}

function createDeliverer(runtime: Runtime, { store, links }: Core): WebhookDeliverer {
  const { config, log, now, monotonicNow, ids, onFault, brokerMetrics, lateModules } = runtime;
  return new WebhookDeliverer({
    ...{ store, now, monotonicNow, ids, onFault, metrics: brokerMetrics.metrics },
    post: lateModules.add(async () => {
      const { guardedPost } = await import('../egress/guarded-post.ts');
      return guardedPost({ allowsPrivate: config.allowPrivateUrls, timeoutMs: WEBHOOK_TIMEOUT_MS });
    }),
    requestFor: webhookRequests({ store, now, linkTo: links.linkTo, userAgent: 'Homing' }),
    onInactive: ({ id }, reason) =>
      log.warn({ webhook: formatId('wh', id), reason }, 'a webhook turned inactive'),
  });
}

/** Lets running requests and jobs finish within the grace period, then closes everything. */
export async function stopBroker(
  { log, onFault }: Runtime,
  core: Core,
  { server, served, jobs }: { server: Server; served: ServedApis; jobs: Jobs },
): Promise<void> {
  const { sandbox, providerTarget, streams, liveStreams, sessions, dispatcher } = core;
  const { sockets, connections, health } = served;
  health.isStopping = true;
  log.info('stopping');
  const graceEnded = new Promise<void>((resolve) => {
    setTimeout(resolve, STOP_GRACE_MS).unref();
  });
  const jobsEnded = jobs.stop();
  const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  sandbox.stop();
  const workEnded = Promise.all([providerTarget?.stop(), jobsEnded]);
  streams.closeAll();
  liveStreams.closeAll();
  sessions.closeAll(RECONNECT_AFTER_SECONDS);
  const closingIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  const closingUnused = setTimeout(() => connections.closeUnused(), CLOSE_UNUSED_AFTER_MS);
  const cutOff = setTimeout(() => {
    sockets.terminate();
    server.closeAllConnections();
  }, STOP_GRACE_MS);
  await serverClosed;
  clearInterval(closingIdle);
  clearTimeout(closingUnused);
  clearTimeout(cutOff);
  sockets.terminate();
  await Promise.race([workEnded, graceEnded]);
  await dispatcher.idle();
  await core.backups?.stop();
  // On a full disk or after another broker took over, the broker still stops.
  await sessions.writePresence().catch(onFault);
  await core.keyUse.write().catch(onFault);
}
