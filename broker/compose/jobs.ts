/**
 * What the broker does of its own accord while it runs: pings, sweeps, projections, webhooks, purchases and templates
 * of the provider, and the nightly deletion. Nothing else starts a timer that goes on.
 */
import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Projector } from '../core/inbox/projector.ts';
import type { EventStreams } from '../delivery/sse/event-streams.ts';
import type { WebhookDeliverer } from '../delivery/webhooks/deliverer.ts';
import type { SessionRegistry } from '../devices/session-registry.ts';
import type { ProviderTarget } from '../providers/provider-target.ts';
import { repeatedWork } from './interval-job.ts';

/** Pings, held polls and changes from outside are looked after this often. */
const BEAT_MS = 250;
/** Leases, expiries and held-back messages this often. */
const SWEEP_MS = 1_000;
const RESUME_PURCHASES_MS = 5 * 60_000;
const SYNC_TEMPLATES_MS = 60 * 60_000;

export interface BackgroundWork {
  checkForOutsideChange(): void;
  sessions: SessionRegistry;
  streams: EventStreams;
  dispatcher: Dispatcher;
  projector: Projector;
  target: ProviderTarget | undefined;
  deliverer: WebhookDeliverer;
  /** The first time right after the start. */
  resumePurchases(isFirst: boolean): Promise<unknown>;
  syncTemplates(): Promise<unknown>;
  /** `03:30` */
  nightlyAt: string;
  nightly(): Promise<void>;
  onFault: (error: unknown) => void;
  log: Logger;
}

export interface Background {
  /** No new rounds from now on; settles when those under way are over. */
  stop(): Promise<void>;
}

export function startBackground(work: BackgroundWork): Background {
  const { sessions, streams, dispatcher, projector, target, deliverer, onFault, log } = work;
  let isFirst = true;
  const purchases = repeatedWork(
    RESUME_PURCHASES_MS,
    () => {
      const resuming = work.resumePurchases(isFirst);
      isFirst = false;
      return resuming;
    },
    onFault,
  );
  const templates = repeatedWork(
    SYNC_TEMPLATES_MS,
    () => work.syncTemplates(),
    (error) => log.warn({ err: error }, 'the WhatsApp templates were not fetched'),
  );
  const followNumbers = async () => {
    if (await target?.follow()) templates.run();
  };
  const tick = repeatedWork(
    SWEEP_MS,
    () => Promise.all([dispatcher.tick(), sessions.writeSeen(), followNumbers()]),
    onFault,
  );
  const projections = repeatedWork(BEAT_MS, () => projector.tick(), onFault);
  const beat = setInterval(() => {
    work.checkForOutsideChange();
    sessions.keepAlive();
    streams.keepAlive();
    deliverer.notify();
  }, BEAT_MS);
  const [hour, minute] = work.nightlyAt.split(':').map(Number);
  const nightly = schedule(`${minute} ${hour} * * *`, () => work.nightly().catch(onFault));
  purchases.run();
  templates.run();

  return {
    async stop() {
      clearInterval(beat);
      projector.stop();
      await nightly.destroy();
      const rounds = [purchases, templates, tick, projections].map((repeated) => repeated.stop());
      await Promise.all([...rounds, deliverer.stop()]);
    },
  };
}
