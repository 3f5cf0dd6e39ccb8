/**
 * The composition root: config → store → core → http. Nothing else constructs things, reads the clock or
 * starts timers. `startBroker` answers once the broker listens; `stop` lets what is in flight finish.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createIdSource, formatId } from '../shared/ids.ts';
import { maskHandle } from '../shared/phone-numbers.ts';
import { countSegments } from '../shared/sms-segments.ts';
import { ownVersion } from '../shared/version.ts';
import { customerApis } from './compose/customer-apis.ts';
import { startBackground } from './compose/jobs.ts';
import { webhookRequests } from './compose/webhook-requests.ts';
import { type Config, paceDefaultsOf, pricesOf, SETTINGS } from './config.ts';
import { ensureDefaultAccount } from './core/accounts/accounts.ts';
import { createFirstKeys, type KeyContext, type NewKey } from './core/accounts/api-keys.ts';
import { MinuteLimit } from './core/accounts/minute-limit.ts';
import { Dispatcher } from './core/dispatch/dispatcher.ts';
import { Projector } from './core/inbox/projector.ts';
import type { AcceptOptions } from './core/messages/accept-message.ts';
import {
  purgeAuditLog,
  purgeDeliveries,
  purgeHistory,
  purgeUnclaimedMedia,
} from './core/messages/retention.ts';
import { createMessageSender } from './core/messages/send-messages.ts';
import { type PurchaseOptions, resumePurchases } from './core/numbers/number-purchases.ts';
import { syncTemplates } from './core/providers/whatsapp-templates.ts';
import { TEST_NUMBERS } from './core/sandbox/test-numbers.ts';
import { databaseFile, lockFolder, prepareFolder } from './data-folder.ts';
import { EventStreams } from './delivery/sse/event-streams.ts';
import { WebhookDeliverer } from './delivery/webhooks/deliverer.ts';
import { mediaApi } from './device-apis/media/api.ts';
import { callbackUrls, providerCallbacksApi } from './device-apis/provider-callbacks/api.ts';
import { relayApi } from './device-apis/relay/api.ts';
import { createWebSocketEndpoint } from './device-apis/relay/websocket.ts';
import { setupPageApi } from './device-apis/setup-page/api.ts';
import { shortcutsApi } from './device-apis/shortcuts/api.ts';
import type { DeviceContext, DeviceEvent } from './devices/context.ts';
import { SessionRegistry } from './devices/session-registry.ts';
import { shortcutSigning } from './devices/shortcut-signing.ts';
import { docsApi } from './docs-site/openapi-api.ts';
import { docsPagesApi } from './docs-site/pages-api.ts';
import { guardedFetch } from './egress/guarded-fetch.ts';
import { guardedPost } from './egress/guarded-post.ts';
import { statusApi } from './health/api.ts';
import type { ServeContext } from './http/handle-request.ts';
import type { AnyApi } from './http/operation.ts';
import { createPublicUrl } from './http/public-url.ts';
import { createHttpServer } from './http/server.ts';
import { MediaLibrary } from './media/library.ts';
import { mediaLinks } from './media/links.ts';
import { metricsApi } from './metrics/api.ts';
import { createBrokerMetrics } from './metrics/broker-metrics.ts';
import { createExposition } from './metrics/exposition.ts';
import { readPlans } from './plans-file.ts';
import { ProviderTarget } from './providers/provider-target.ts';
import { connectProviders } from './providers/providers.ts';
import { SandboxDevice } from './providers/sandbox/sandbox-device.ts';
import type { TwilioAccount } from './providers/twilio/twilio.ts';
import { secrets } from './secrets.ts';
import { openSqliteStore } from './store/open.ts';

export interface Broker {
  /** Where it listens. */
  url: string;
  publicUrl: string;
  /** Every operation that it serves, as data. */
  apis: readonly AnyApi[];
  /** Made at the very first start, and shown this once. */
  firstKeys: { live: NewKey; test: NewKey } | undefined;
  stop(): Promise<void>;
}

/** Answers that are under way have this long to finish. */
const STOP_GRACE_MS = 5_000;
const RECONNECT_AFTER_SECONDS = 1;
/** A receiver has this long to answer. */
const WEBHOOK_TIMEOUT_MS = 10_000;
/** A purchase that is younger may still be under way in its own request. */
const PURCHASE_MAY_RUN_MS = 2 * 60_000;

function twilioOf({ twilioAccountSid, twilioAuthToken, twilioBaseUrl }: Config): TwilioAccount | undefined {
  if (twilioAccountSid === undefined || twilioAuthToken === undefined) return undefined;
  return { accountSid: twilioAccountSid, authToken: twilioAuthToken, baseUrl: twilioBaseUrl };
}

function masked(event: DeviceEvent): DeviceEvent {
  if ('numbers' in event) return { ...event, numbers: event.numbers.map(maskHandle) };
  return 'from' in event ? { ...event, from: maskHandle(event.from) } : event;
}

export async function startBroker(
  config: Config,
  log: Logger,
  plans = readPlans(config.plansFile),
): Promise<Broker> {
  const now = () => Date.now();
  prepareFolder(config.dataDir);
  const unlock = lockFolder(config.dataDir);
  const brokerMetrics = createBrokerMetrics();
  const { metrics } = brokerMetrics;
  const { store, applied } = openSqliteStore({
    file: databaseFile(config.dataDir),
    maxBytes: config.maxDatabaseMegabytes === 0 ? undefined : config.maxDatabaseMegabytes * 1024 * 1024,
    metrics,
  });
  for (const { number, name } of applied) log.info({ migration: number, name }, 'database migrated');

  const ids = createIdSource(now);
  const keyContext: KeyContext = { ids, now, secrets };
  const firstKeys = await store.transaction(async (tx) => {
    await ensureDefaultAccount(tx, keyContext, plans);
    return createFirstKeys(tx, keyContext);
  });
  const messageTtlMs = config.messageTtlHours * 3_600_000;
  const onFault = (error: unknown) => log.error({ err: error }, 'background work failed');
  const providers = await connectProviders(twilioOf(config));
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const pace = paceDefaultsOf(config);
  const dispatcher = new Dispatcher({ store, now, ids, messageTtlMs, pace, after, onFault, metrics });
  const sessions = new SessionRegistry({ store, dispatcher, now });
  const sandbox = new SandboxDevice({
    store,
    dispatcher,
    context: TEST_NUMBERS,
    ids,
    now,
    after,
    reportTimeoutMs: config.sandboxReportTimeoutSeconds * 1000,
    onFault,
  });

  const acceptOptions: AcceptOptions = {
    ids,
    now,
    messageTtlMs,
    sandbox: TEST_NUMBERS,
    prices: pricesOf(config),
    countSegments,
    secrets,
  };
  const projectionContext = () => ({ now: now(), ids, countSegments });
  const projector = new Projector({ store, context: projectionContext });

  let url = '';
  const address = createPublicUrl(config.publicUrl, () => url);
  const links = mediaLinks({
    key: await store.transaction((tx) => tx.media.signingKey('media', secrets.newSigningKey())),
    publicUrl: address.publicUrl,
    now,
  });
  const library = new MediaLibrary({
    store,
    fetch: guardedFetch({ allowsPrivate: config.allowPrivateUrls }),
    ids,
    now,
    providerHeaders: (mediaUrl) => providers.live?.mediaHeaders(mediaUrl),
    uploadMaxBytes: config.mediaMaxMegabytes * 1024 * 1024,
  });
  const signing = shortcutSigning({
    store,
    sessions,
    now,
    onProblem: (problem) => log.warn({ problem }, 'a shortcut was not signed'),
  });
  const relay: DeviceContext = {
    store,
    dispatcher,
    sessions,
    secrets,
    ids,
    now,
    leaseMs: config.leaseSeconds * 1000,
    reportTimeoutMs: config.reportTimeoutSeconds * 1000,
    lateMs: config.lateAfterHours * 3_600_000,
    linkTo: links.linkTo,
    onFault,
    onEvent: (event) => log.info(config.logNumbers ? event : masked(event), `device ${event.kind}`),
  };
  const target =
    providers.live &&
    new ProviderTarget({
      store,
      dispatcher,
      provider: providers.live,
      ids,
      now,
      linkTo: links.linkTo,
      statusUrl: (id) => callbackUrls(address.publicUrl(), 'twilio').statusUrlOf(id),
      after,
      onProblem: ({ message, error }) => log.warn({ message, err: error }, 'the provider did not send'),
      onFault,
      metrics,
    });
  const purchases: PurchaseOptions = {
    store,
    keyContext,
    callbackUrls: (provider) => callbackUrls(address.publicUrl(), provider),
    onProblem: ({ purchase, error }) => log.warn({ purchase, err: error }, 'a purchase is not complete'),
  };
  const streams = new EventStreams({ store, now });
  store.onEvents((tenantId) => streams.notify(tenantId));
  const sendLimit = new MinuteLimit(now);
  const waitContext = () => ({ pace, now: now(), countTargets: (id: string) => dispatcher.countTargets(id) });
  const messageSender = createMessageSender({
    store,
    dispatcher,
    acceptOptions,
    sendLimit,
    waitContext,
    metrics,
  });
  const status = statusApi({ store });
  const exposition = createExposition({
    brokerMetrics,
    store,
    dispatcher,
    sessions,
    countStreams: () => streams.count,
    now,
    showNumber: config.logNumbers ? (number) => number : maskHandle,
  });
  const sockets = createWebSocketEndpoint(relay);
  const context: ServeContext = {
    newRequestId: () => formatId('req', ids()),
    onFault: ({ requestId, operation, error }) =>
      log.error({ request: requestId, operation, err: error }, 'request failed'),
    onResponse: (api, operation) => {
      const count = brokerMetrics.requests.onResponse(api, operation);
      if (!log.isLevelEnabled('debug')) return count;
      return (status, milliseconds) => {
        count(status, milliseconds);
        log.debug({ operation, status, milliseconds }, 'request answered');
      };
    },
  };
  const served: readonly AnyApi[] = [
    ...customerApis({
      store,
      dispatcher,
      sessions,
      keyContext,
      plans,
      messageSender,
      acceptOptions,
      waitContext,
      projector,
      projectionContext,
      library,
      linkTo: links.linkTo,
      publicUrl: address.publicUrl,
      allowsPrivateUrls: config.allowPrivateUrls,
      allowsPurchases: config.allowNumberPurchases,
      providerFor: providers.providerFor,
      purchases,
      streams,
      version: ownVersion(),
      context,
      after,
      onUnrecorded: (error) => log.warn({ err: error }, 'a call of a tool is not in the audit log'),
    }),
    relayApi(relay, keyContext, library),
    mediaApi({ library, links }),
    shortcutsApi({
      context: relay,
      address,
      runMaxMs: config.shortcutRunSeconds * 1000,
    }),
    providerCallbacksApi({
      store,
      dispatcher,
      providers: providers.all,
      publicUrl: address.publicUrl,
      ids,
      now,
      onText: ({ from, to, outcome }) => {
        const show = config.logNumbers ? (number: string) => number : maskHandle;
        log.info({ from: show(from), to: show(to), outcome }, 'a text came in by the provider');
      },
    }),
    setupPageApi({ store, sessions, signing, keyContext, address }),
    status.api,
    metricsApi({ token: config.metricsToken, read: exposition.read }),
  ];
  const described = { apis: served, publicUrl: address.publicUrl, version: ownVersion() };
  const pages = docsPagesApi({ ...described, settings: Object.values(SETTINGS) });
  const apis = [...served, docsApi(described), pages];
  const server = createHttpServer({ apis, context, upgrade: sockets.upgrade });

  server.listen(config.port, config.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    await store.close();
    unlock();
    throw error;
  }
  const bound = server.address() as AddressInfo;
  url = `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;

  const notifyAll = async () => {
    for (const environment of ['live', 'test'] as const) {
      for (const id of await store.read.numbers.withQueue(environment)) dispatcher.notify(id, environment);
    }
  };
  store.onOutsideChange(() => {
    streams.notify();
    sessions.closeRevoked().then(notifyAll).catch(onFault);
  });
  await sandbox.start();
  await target?.start();
  if (target !== undefined && config.publicUrl === undefined) {
    log.warn({ url }, 'the messaging provider can only tell of texts where HOMING_PUBLIC_URL is set');
  }
  const deliverer = new WebhookDeliverer({
    store,
    post: guardedPost({ allowsPrivate: config.allowPrivateUrls, timeoutMs: WEBHOOK_TIMEOUT_MS }),
    requestFor: webhookRequests({ store, now, linkTo: links.linkTo, userAgent: 'Homing' }),
    now,
    onFault,
    metrics,
    onInactive: ({ id }, reason) =>
      log.warn({ webhook: formatId('wh', id), reason }, 'a webhook turned inactive'),
  });
  store.onDeliveries(() => deliverer.notify());
  const background = startBackground({
    checkForOutsideChange: () => store.checkForOutsideChange(),
    sessions,
    streams,
    dispatcher,
    projector,
    target,
    deliverer,
    resumePurchases: (isFirst) =>
      resumePurchases(purchases, providers.all, now() - (isFirst ? 0 : PURCHASE_MAY_RUN_MS)),
    syncTemplates: async () => providers.live && syncTemplates(store, providers.live, keyContext),
    nightlyAt: config.retentionAt,
    nightly: async () => {
      await purgeUnclaimedMedia(store, now());
      await purgeDeliveries(store, now());
      await purgeAuditLog(store, now(), config.retentionDays);
      if (config.retentionDays === 0) return;
      const deleted = await purgeHistory(
        store,
        now() - config.retentionDays * 86_400_000,
        projectionContext(),
      );
      log.info({ deleted, days: config.retentionDays }, 'old messages deleted');
    },
    onFault,
    log,
  });
  log.info({ url, dataDir: config.dataDir }, 'broker listening');

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    status.isStopping = true;
    const graceIsOver = new Promise<void>((resolve) => {
      setTimeout(resolve, STOP_GRACE_MS).unref();
    });
    log.info('stopping');
    const backgroundIsDone = background.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    sandbox.stop();
    const outsideIsDone = Promise.all([target?.stop(), backgroundIsDone]);
    streams.closeAll();
    sessions.closeAll(RECONNECT_AFTER_SECONDS);
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const cutOff = setTimeout(() => {
      sockets.terminate();
      server.closeAllConnections();
    }, STOP_GRACE_MS);
    await closed;
    clearInterval(idle);
    clearTimeout(cutOff);
    sockets.terminate();
    await Promise.race([outsideIsDone, graceIsOver]);
    await dispatcher.idle();
    await sessions.writeSeen(true);
    await store.close();
    unlock();
    log.info('stopped');
  };
  return {
    url,
    publicUrl: address.publicUrl(),
    apis,
    firstKeys,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
