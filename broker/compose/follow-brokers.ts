/** Follows the changes of other brokers and processes on the database, and the ends of brokers. */
import { QueuePoll } from '../cluster/queue-poll.ts';
import type { WebhookDeliverer } from '../delivery/webhooks/deliverer.ts';
import { ClusterMember } from './cluster-member.ts';
import type { Core } from './core.ts';
import type { Runtime } from './runtime.ts';

/** Interval at which everything is read again, in case a notification of another broker was lost. */
const READ_ALL_MS = 30_000;
const CANCEL_NEWS_MS = READ_ALL_MS + 10_000;
const CANCELS_MAX = 100;

export interface OtherBrokers {
  /** Polls what notifications may have missed, and takes the roles that no broker has. Call once a second. */
  tick(): Promise<void>;
}

export function followBrokers(runtime: Runtime, core: Core, deliverer: WebhookDeliverer): OtherBrokers {
  const { monotonicNow, onFault } = runtime;
  const { store, cluster, roles, dispatcher, deviceEvents } = core;
  const queues = new QueuePoll({ store, dispatcher });
  let readAllAt = monotonicNow();
  let reading: Promise<void> | undefined;
  let readAgain = false;
  /** Anything may have changed: another process has written, or notifications were lost. */
  const readAll = () => {
    const { streams, liveStreams, sessions } = core;
    readAllAt = monotonicNow();
    streams.notify();
    liveStreams.notifyAll();
    deliverer.notify();
    readAgain = reading !== undefined;
    reading ??= sessions
      .closeReplaced()
      .then(() => queues.readAll())
      .then(() => cancelRequested(core, runtime.now()))
      .catch(onFault)
      .finally(() => {
        reading = undefined;
        if (readAgain) readAll();
      });
  };
  store.onOutsideChange(readAll);
  cluster.onMissed(readAll);
  cluster.onMessage('webhook', ({ webhookId }) => deliverer.notifyHere(webhookId));
  if (cluster instanceof ClusterMember) removeEndedBrokers(runtime, core, cluster);
  return {
    async tick() {
      core.watched.tick();
      await roles.tick();
      if (roles.has('jobs')) await deviceEvents.readAway();
      if (!cluster.hasPeers()) return;
      if (monotonicNow() - readAllAt >= READ_ALL_MS) readAll();
      else await queues.tick();
    },
  };
}

/** Removes the brokers that have ended, so that others do their work. */
function removeEndedBrokers(
  { log, onFault }: Runtime,
  { store, deviceEvents }: Core,
  cluster: ClusterMember,
): void {
  const removing = new Set<string>();
  cluster.onEnded((brokerId) => {
    if (removing.has(brokerId)) return;
    removing.add(brokerId);
    store
      .transaction(async (tx) => {
        if (!(await tx.brokers.remove(brokerId))) return undefined;
        await tx.deviceSessions.disconnectOrphans();
        return tx.deviceSessions.away();
      })
      .then((orphans) => {
        if (orphans === undefined) return;
        log.warn(
          { broker: brokerId },
          'a broker ended without a stop, or is paused; others take over its work',
        );
        deviceEvents.resume(orphans);
      })
      .catch(onFault)
      .finally(() => removing.delete(brokerId));
  });
}

/** Asks the devices to cancel the messages whose cancellation another process requested a moment ago. */
async function cancelRequested({ store, dispatcher }: Core, now: number): Promise<void> {
  const requested = await store.read.messages.cancelRequested(now - CANCEL_NEWS_MS, CANCELS_MAX);
  for (const message of requested) dispatcher.cancelHere(message);
}
