/** Runs the recurring jobs of a broker. No other module starts a timer that repeats. */
import { cancelOfSuppressedHandle } from '../core/contacts/opt-out.ts';
import { ClockWatch, correctFutureTimes } from '../core/dispatch/clock-correction.ts';
import { reconsiderStep } from '../core/dispatch/reconsider-deferred.ts';
import { TaskRunner, type TaskRunnerOptions } from '../core/lifecycle/background-tasks.ts';
import { erasureOfRecipient } from '../core/messages/erase-recipient.ts';
import {
  maintainDatabase,
  purgeAuditLog,
  purgeCounters,
  purgeDeliveries,
  purgeDeviceRequests,
  purgeDevices,
  purgeHistory,
  purgeIdempotencyKeys,
  purgeLookups,
  purgeMembers,
  purgePendingItems,
  purgeShortcutRuns,
  purgeUnclaimedMedia,
  purgeUnusedGroups,
} from '../core/messages/retention.ts';
import { resumePurchases } from '../core/numbers/number-purchases.ts';
import { cancelOfRemovedNumber } from '../core/numbers/number-registration.ts';
import { syncTemplates } from '../core/providers/whatsapp-templates.ts';
import {
  deletionOfRemovedWebhook,
  failureOfPendingDeliveries,
} from '../core/webhooks/webhook-subscriptions.ts';
import type { WebhookDeliverer } from '../delivery/webhooks/deliverer.ts';
import { RETRY_AFTER_MAX_MS } from '../delivery/webhooks/retry-policy.ts';
import type { Core } from './core.ts';
import type { OtherBrokers } from './follow-brokers.ts';
import { intervalJob } from './interval-job.ts';
import type { Runtime } from './runtime.ts';

/** Interval of pings, parked polls, projections and the check for changes by other processes. */
const TICK_MS = 250;
/** Interval of leases, expiries and deferrals. */
const QUEUE_TICK_MS = 1_000;
/** Interval of the check for background tasks. */
const TASKS_MS = 1_000;
/** Interval at which the last use of API keys is stored. */
/** Interval of the check for ended brokers, free roles and lost notifications. */
const OTHER_BROKERS_MS = 1_000;
const KEY_USE_MS = 5 * 60_000;
const RESUME_PURCHASES_MS = 5 * 60_000;
const SYNC_TEMPLATES_MS = 60 * 60_000;
/** A younger purchase may still be running in its own request. */
const PURCHASE_MAY_RUN_MS = 2 * 60_000;
const DAY_MS = 86_400_000;

export const taskSteps = (projectionContext: Core['projectionContext']): TaskRunnerOptions['steps'] => ({
  remove_number: cancelOfRemovedNumber,
  opt_out: cancelOfSuppressedHandle,
  remove_webhook: deletionOfRemovedWebhook,
  fail_deliveries: failureOfPendingDeliveries,
  reconsider_deferred: reconsiderStep,
  erase_recipient: (tx, task) => erasureOfRecipient(tx, task, projectionContext()),
});

export interface Jobs {
  /** Starts no further run. Settles when the running jobs have ended. */
  stop(): Promise<void>;
}

export interface Background {
  deliverer: WebhookDeliverer;
  others: OtherBrokers;
}

export async function startJobs(
  runtime: Runtime,
  core: Core,
  { deliverer, others }: Background,
): Promise<Jobs> {
  const { config, log, now, ids, onFault } = runtime;
  const { store, sessions, deviceEvents, streams, dispatcher, projector, providerTarget } = core;
  /** A job that one broker runs for all. */
  const ofLeader = (job: () => Promise<unknown>) => async () => core.roles.has('jobs') && job();
  const isAlone = (await store.read.brokers.list()).every(({ id }) => id === core.cluster.brokerId);
  const purchases = intervalJob(RESUME_PURCHASES_MS, ofLeader(purchaseJob(runtime, core, isAlone)), onFault);
  const templates = intervalJob(
    SYNC_TEMPLATES_MS,
    ofLeader(async () => core.providers.live && syncTemplates(store, core.providers.live, runtime)),
    (error) => log.warn({ err: error }, 'the WhatsApp templates were not fetched'),
  );
  const followNumbers = async () => {
    if (core.roles.has('provider') && (await providerTarget?.follow())) templates.run();
  };
  const clock = new ClockWatch(runtime);
  const followClock = async () => {
    const step = clock.readStep();
    if (step !== 0) await followClockStep(runtime, core, deliverer, step);
  };
  const queue = intervalJob(
    QUEUE_TICK_MS,
    () => Promise.all([dispatcher.tick(), followNumbers(), followClock()]),
    onFault,
  );
  const taskRunner = new TaskRunner({
    store,
    steps: taskSteps(core.projectionContext),
    context: () => ({ now: now(), ids }),
  });
  const tasks = intervalJob(
    TASKS_MS,
    ofLeader(() => taskRunner.run()),
    onFault,
  );
  const projections = intervalJob(
    TICK_MS,
    ofLeader(() => projector.tick()),
    onFault,
  );
  const brokers = intervalJob(OTHER_BROKERS_MS, () => others.tick(), onFault);
  const presence = intervalJob(TICK_MS, () => sessions.writePresence(), onFault);
  const devices = intervalJob(TICK_MS, () => deviceEvents.tick(), onFault);
  const keyUse = intervalJob(KEY_USE_MS, () => core.keyUse.write(), onFault);
  const tick = setInterval(() => {
    store.checkForOutsideChange();
    sessions.keepAlive();
    streams.keepAlive();
    deliverer.tick();
  }, TICK_MS);
  const [hour, minute] = config.retentionAt.split(':').map(Number);
  const { schedule } = await import('node-cron');
  const nightly = schedule(`${minute} ${hour} * * *`, () =>
    ofLeader(() => purge(runtime, core))().catch(onFault),
  );
  purchases.run();
  templates.run();

  return {
    async stop() {
      clearInterval(tick);
      projector.stop();
      taskRunner.stop();
      await nightly.destroy();
      core.roles.stop();
      const jobs = [purchases, templates, queue, tasks, projections, presence, devices, keyUse, brokers];
      const running = jobs.map((job) => job.stop());
      await Promise.all([...running, deliverer.stop()]);
    },
  };
}

async function followClockStep(
  { log, now, ids }: Runtime,
  { store, dispatcher }: Core,
  deliverer: WebhookDeliverer,
  stepMs: number,
): Promise<void> {
  log.warn({ seconds: Math.round(stepMs / 1000) }, 'the system clock was set');
  if (stepMs < 0) await correctFutureTimes({ store, now, ids, retryDelayMaxMs: RETRY_AFTER_MAX_MS });
  dispatcher.reconsiderLimits();
  deliverer.notify();
}

/** Without other brokers, the first run resumes every open purchase: no request can be running yet. */
function purchaseJob(
  { now }: Runtime,
  { purchases, providers, roles }: Core,
  isAlone: boolean,
): () => Promise<unknown> {
  let mayResumeAll = roles.has('jobs') && isAlone;
  return () => {
    const olderThan = now() - (mayResumeAll ? 0 : PURCHASE_MAY_RUN_MS);
    mayResumeAll = false;
    return resumePurchases(purchases, providers.all, olderThan);
  };
}

async function purge({ config, log, now }: Runtime, { store, projectionContext }: Core): Promise<void> {
  const { retentionDays } = config;
  await purgeUnclaimedMedia(store, now());
  await purgeDeliveries(store, now(), retentionDays);
  await purgeIdempotencyKeys(store, now());
  await purgePendingItems(store, now());
  await purgeUnusedGroups(store, now());
  await purgeLookups(store, now());
  await purgeShortcutRuns(store, now());
  await purgeDeviceRequests(store, now());
  await purgeAuditLog(store, now(), retentionDays);
  await purgeDevices(store, now());
  await purgeCounters(store, now());
  await purgeMembers(store, now());
  if (retentionDays > 0) {
    const deleted = await purgeHistory(store, now() - retentionDays * DAY_MS, projectionContext());
    log.info({ deleted, days: retentionDays }, 'old messages deleted');
  }
  await maintainDatabase(store, now());
}
