/** Composes the APIs that the broker serves, each with the parts of the core that it uses. */
import { formatId } from '../../shared/ids.ts';
import { maskHandle } from '../../shared/phone-numbers.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { ownVersion } from '../../shared/version.ts';
import { inkboxApis } from '../apis/inkbox/api.ts';
import { inkboxImessageApi } from '../apis/inkbox-imessage/api.ts';
import { mcpApis } from '../apis/mcp/api.ts';
import { textingBlueApi } from '../apis/texting-blue/api.ts';
import { mediaUrls } from '../apis/texting-blue/media-urls.ts';
import { serializeEvent } from '../apis/texting-blue/webhook-request.ts';
import { textreeApi, textreeHealthApi } from '../apis/textree/api.ts';
import { textusApi } from '../apis/textus/api.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { lookUpWith } from '../core/contacts/look-up.ts';
import { mediaApi } from '../device-apis/media/api.ts';
import { providerCallbacksApi } from '../device-apis/provider-callbacks/api.ts';
import { relayApi } from '../device-apis/relay/api.ts';
import { createWebSocketEndpoint, type WebSocketEndpoint } from '../device-apis/relay/websocket.ts';
import { setupPageApi } from '../device-apis/setup-page/api.ts';
import { shortcutsApi } from '../device-apis/shortcuts/api.ts';
import { lookupAsker } from '../devices/ask-lookup.ts';
import type { DeviceContext, DeviceEvent } from '../devices/context.ts';
import { FailedAttempts } from '../devices/failed-attempts.ts';
import { shortcutSigning } from '../devices/shortcut-signing.ts';
import { signalSender } from '../devices/signals.ts';
import { TypingEvents } from '../devices/typing-events.ts';
import { docsApi } from '../docs-site/openapi-api.ts';
import { docsPagesApi } from '../docs-site/pages-api.ts';
import { type HealthApi, healthApi } from '../health/api.ts';
import { createCallerAuthentication } from '../http/authenticate.ts';
import { Connections } from '../http/connections.ts';
import type { ServeContext } from '../http/handle-request.ts';
import type { AnyApi } from '../http/operation.ts';
import { metricsApi } from '../metrics/api.ts';
import type { Exposition } from '../metrics/exposition.ts';
import { SETTINGS } from '../settings.ts';
import type { Core } from './core.ts';
import { dashboardApis } from './dashboard.ts';
import { ephemeralDelivery } from './ephemeral-delivery.ts';
import { maxOpenFiles } from './open-files.ts';
import type { Runtime } from './runtime.ts';

/** From one address. */
const WRONG_TOKENS_PER_MINUTE = 60;
const WRONG_CODES_PER_MINUTE = 20;

export interface ServedApis {
  apis: readonly AnyApi[];
  sockets: WebSocketEndpoint;
  health: HealthApi;
  serveContext: ServeContext;
  connections: Connections;
}

export function composeApis(runtime: Runtime, core: Core): ServedApis {
  const connections = openConnections(runtime, core);
  const serveContext = createServeContext(runtime, connections);
  const devices = createDeviceContext(runtime, core);
  const health = healthApi(core);
  const apis = [
    ...customerApis(runtime, core, serveContext),
    ...deviceApis(runtime, core, devices),
    health.api,
    metricsApi({
      token: runtime.config.metricsToken,
      hasPublicUrl: runtime.config.publicUrl !== undefined,
      read: exposition(runtime, core),
    }),
  ];
  const described = { apis, publicUrl: core.address.publicUrl, version: ownVersion() };
  return {
    apis: [...apis, docsApi(described), docsPagesApi({ ...described, settings: Object.values(SETTINGS) })],
    sockets: createWebSocketEndpoint(devices, (socket) => connections.exempt(socket)),
    health,
    serveContext,
    connections,
  };
}

function customerApis(runtime: Runtime, core: Core, context: ServeContext): AnyApi[] {
  const { config, log, now, ids, after } = runtime;
  const { store, acceptOptions, sessions, streams, address, links, providers } = core;
  const { publicUrl } = address;
  const { sandbox } = acceptOptions;
  const lookUp = lookUpWith({ store, now, askDevice: lookupAsker(core), sandboxService: sandbox.serviceOf });
  const shared = {
    ...core,
    authenticate: createCallerAuthentication({ ...runtime, ...core }),
    keyContext: runtime,
    plans: runtime.plans,
    countSegments,
    publicUrl,
    linkTo: links.linkTo,
    providerFor: providers.providerFor,
    allowsPrivateUrls: config.allowPrivateUrls,
    allowsPurchases: config.allowNumberPurchases,
  };
  return [
    textingBlueApi({
      ...shared,
      context: { now, ids },
      sandbox,
      signal: signalSender(core),
      lookUp,
      openEvents: (request) => streams.open(request),
      lastSeenAt: (deviceId) => sessions.lastSeenAt(deviceId),
      setupUrl: (code) => `${publicUrl()}/setup-shortcut?token=${code}`,
    }),
    textreeHealthApi(),
    textreeApi({ ...shared, sandbox }),
    ...mcpApis({
      ...{ ...shared, context, now, ids, after },
      serializeEvent: (event) => serializeEvent(event, mediaUrls(links.linkTo, now)),
      version: ownVersion(),
      onUnrecorded: (error) => log.warn({ err: error }, 'a call of a tool is not in the audit log'),
    }),
    ...inkboxApis({ ...shared, sandboxContext: acceptOptions }),
    inkboxImessageApi({
      ...{ ...shared, context: { now, ids }, sandboxContext: acceptOptions },
      signal: signalSender(core),
    }),
    ...dashboardApis(runtime, core, lookUp),
    textusApi({ ...shared, context: { now, ids }, sandboxSender: sandbox.defaultSender }),
  ];
}

function deviceApis(runtime: Runtime, core: Core, devices: DeviceContext): AnyApi[] {
  const { config, log, now, ids, formatNumber } = runtime;
  const { store, dispatcher, library, images, uploads, links, address, providers } = core;
  const runMaxMs = config.shortcutRunSeconds * 1000;
  const signing = shortcutSigning({
    ...{ store, reachable: core.reachable, now },
    onProblem: (problem) => log.warn({ problem }, 'a shortcut was not signed'),
  });
  return [
    relayApi(devices, runtime, uploads),
    mediaApi({ library, links, images }),
    shortcutsApi({ context: devices, address, runMaxMs }),
    providerCallbacksApi({
      ...{ store, dispatcher, ids, now },
      providers: providers.all,
      publicUrl: address.publicUrl,
      onText: ({ from, to, outcome }) =>
        log.info(
          { from: formatNumber(from), to: formatNumber(to), outcome },
          'a text came in by the provider',
        ),
    }),
    setupPageApi({
      ...devices,
      ...{ signing, keyContext: runtime, address, runMaxMs },
      published: config.shortcutsUrl ?? {},
    }),
  ];
}

function createDeviceContext(runtime: Runtime, core: Core): DeviceContext {
  const { config, log, secrets, ids, now, monotonicNow, onFault } = runtime;
  const { store, cluster, dispatcher, sessions, sandbox, links, clientAddresses, limits } = core;
  const failedAttempts = (name: string, perMinute: number) =>
    new FailedAttempts({
      ...{ perMinute, addressOf: clientAddresses.of },
      limit: limits.open(name, { isRefunded: true }),
    });
  const deliver = ephemeralDelivery(runtime, core);
  const typing = new TypingEvents({ store, ids, now, monotonicNow, deliver });
  sandbox.onTyping((device, item) => typing.report(device, item));
  return {
    typing,
    failedTokens: failedAttempts('wrong tokens', WRONG_TOKENS_PER_MINUTE),
    failedCodes: failedAttempts('wrong codes', WRONG_CODES_PER_MINUTE),
    pollLimit: new MinuteLimit(monotonicNow),
    ...{ store, cluster, dispatcher, sessions, secrets, ids, now, monotonicNow, onFault },
    linkTo: links.linkTo,
    leaseMs: config.leaseSeconds * 1000,
    reportTimeoutMs: config.reportTimeoutSeconds * 1000,
    lateMs: config.lateAfterHours * 3_600_000,
    onEvent: (event) => log.info(config.logNumbers ? event : masked(event), `device ${event.kind}`),
  };
}

function masked(event: DeviceEvent): DeviceEvent {
  if ('numbers' in event) return { ...event, numbers: event.numbers.map(maskHandle) };
  return 'from' in event ? { ...event, from: maskHandle(event.from) } : event;
}

function exposition(runtime: Runtime, core: Core): Exposition['read'] {
  const { store, dispatcher, sessions, streams, roles } = core;
  return runtime.lateModules.add(async () => {
    const { createExposition } = await import('../metrics/exposition.ts');
    return createExposition({
      ...{ store, dispatcher, sessions, roles },
      brokerMetrics: runtime.brokerMetrics,
      now: runtime.now,
      countStreams: () => streams.count,
      formatNumber: runtime.formatNumber,
    }).read;
  });
}

function openConnections({ config, log }: Runtime, { clientAddresses }: Core): Connections {
  const files = maxOpenFiles() ?? Number.POSITIVE_INFINITY;
  // The other half is for devices, the database, webhooks and uploads.
  const total = Math.min(config.maxConnections, Math.floor(files / 2));
  if (total < config.maxConnections) {
    log.warn({ openFiles: files, maxConnections: total }, 'the limit of open files allows fewer connections');
  }
  return new Connections({
    perAddress: config.maxConnectionsPerAddress,
    total,
    isTrustedProxy: clientAddresses.isTrustedProxy,
  });
}

function createServeContext({ log, ids, brokerMetrics }: Runtime, connections: Connections): ServeContext {
  return {
    onDevice: ({ socket }, response) => connections.exempt(socket, response),
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
}
