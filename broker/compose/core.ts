/** Composes the core of a broker: everything that the APIs and the jobs use. Starts nothing. */
import { countSegments } from '../../shared/sms-segments.ts';
import { ChangeFeed } from '../apis/admin/change-feed.ts';
import { type Config, paceDefaultsOf, pricesOf } from '../config.ts';
import { KeyUse } from '../core/accounts/key-use.ts';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import type { WaitContext } from '../core/dispatch/waiting.ts';
import type { ProjectionContext } from '../core/inbox/projections.ts';
import { Projector } from '../core/inbox/projector.ts';
import type { AcceptOptions } from '../core/messages/accept-message.ts';
import { createMessageSender, type MessageSender } from '../core/messages/send-messages.ts';
import type { PurchaseOptions } from '../core/numbers/number-purchases.ts';
import type { Store } from '../core/ports/store.ts';
import { TEST_NUMBERS } from '../core/sandbox/test-numbers.ts';
import { backupFolder, databaseFile, uploadFolder } from '../data-folder.ts';
import { EventStreams } from '../delivery/sse/event-streams.ts';
import { LiveStreams } from '../delivery/sse/live-streams.ts';
import { callbackUrls } from '../device-apis/provider-callbacks/api.ts';
import { type ClientAddresses, createClientAddresses } from '../http/client-address.ts';
import { createOwnOrigin, type OwnOrigin } from '../http/own-origin.ts';
import { createPublicUrl, type PublicUrl } from '../http/public-url.ts';
import { MediaLibrary } from '../media/library.ts';
import { type MediaLinks, mediaLinks } from '../media/links.ts';
import { Uploads } from '../media/uploads.ts';
import { connectProviders, type Providers } from '../providers/providers.ts';
import type { TwilioAccount } from '../providers/twilio/twilio.ts';
import { Backups } from '../store/sqlite/backups.ts';
import { composeDispatch, type Dispatch } from './dispatch.ts';
import type { Runtime } from './runtime.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

export interface Core extends Dispatch {
  store: Store;
  providers: Providers;
  address: PublicUrl;
  clientAddresses: ClientAddresses;
  ownOrigin: OwnOrigin;
  links: MediaLinks;
  library: MediaLibrary;
  uploads: Uploads;
  projector: Projector;
  projectionContext: () => ProjectionContext;
  acceptOptions: AcceptOptions;
  waitContext: () => WaitContext;
  messageSender: MessageSender;
  purchases: PurchaseOptions;
  streams: EventStreams;
  changeFeed: ChangeFeed;
  liveStreams: LiveStreams;
  keyUse: KeyUse;
  /** Undefined with PostgreSQL, which has its own program for backups. */
  backups: Backups | undefined;
}

/** `listening` returns the address at which the broker listens; it is called only after the start. */
export async function composeCore(runtime: Runtime, store: Store, listening: () => string): Promise<Core> {
  const { config, log, now, monotonicNow, ids, secrets, lateModules } = runtime;
  const { metrics } = runtime.brokerMetrics;
  const providers = await connectProviders(twilioAccount(config));
  const address = createPublicUrl(config.publicUrl, listening);
  const { publicUrl } = address;
  const links = mediaLinks({
    key: await store.transaction((tx) => tx.media.signingKey('media', secrets.newSigningKey())),
    publicUrl,
    now,
  });
  const dispatch = composeDispatch(runtime, store, { providers, links, publicUrl });
  const { dispatcher } = dispatch;
  const projectionContext = () => ({ now: now(), ids, countSegments });
  const acceptOptions: AcceptOptions = {
    ...{ ids, now, monotonicNow, secrets, countSegments },
    messageTtlMs: config.messageTtlHours * 3_600_000,
    sandbox: TEST_NUMBERS,
    prices: pricesOf(config),
  };
  const changeFeed = new ChangeFeed();
  const pace = paceDefaultsOf(config);
  const waitContext = () => ({ pace, now: now(), countTargets: (id: string) => dispatcher.countTargets(id) });
  const clientAddresses = createClientAddresses(config.trustedProxies);
  return {
    ...dispatch,
    clientAddresses,
    ownOrigin: createOwnOrigin(config, clientAddresses),
    ...{ store, providers, address, links, projectionContext, acceptOptions, waitContext },
    library: new MediaLibrary({
      ...{ store, ids, now },
      fetch: lateModules.add(async () => {
        const { guardedFetch } = await import('../egress/guarded-fetch.ts');
        return guardedFetch({ allowsPrivate: config.allowPrivateUrls });
      }),
      providerHeaders: (mediaUrl) => providers.live?.mediaHeaders(mediaUrl),
    }),
    uploads: openUploads(runtime, store),
    projector: new Projector({ store, context: projectionContext }),
    messageSender: createMessageSender({
      ...{ store, dispatcher, acceptOptions, waitContext, metrics },
      sendLimit: new MinuteLimit(monotonicNow),
    }),
    purchases: {
      store,
      keyContext: runtime,
      callbackUrls: (provider) => callbackUrls(publicUrl(), provider),
      onProblem: ({ purchase, error }) => log.warn({ purchase, err: error }, 'a purchase is not complete'),
    },
    streams: openStreams(runtime, store),
    changeFeed,
    liveStreams: new LiveStreams({
      ...{ store, now, monotonicNow, after: runtime.after },
      subscribe: (accountId, listener) => changeFeed.subscribe(accountId, listener),
    }),
    keyUse: new KeyUse({ store, now }),
    backups: openBackups(runtime),
  };
}

function openUploads({ config, ids, now }: Runtime, store: Store): Uploads {
  return new Uploads({
    ...{ store, ids, now },
    folder: uploadFolder(config.dataDir),
    maxBytes: config.mediaMaxMegabytes * BYTES_PER_MEGABYTE,
    quota: {
      perDevice: config.mediaQuotaDeviceMegabytes * BYTES_PER_MEGABYTE,
      perTenant: config.mediaQuotaAccountMegabytes * BYTES_PER_MEGABYTE,
    },
  });
}

function openBackups({ config, now, onFault }: Runtime): Backups | undefined {
  if (config.databaseUrl !== undefined) return undefined;
  return new Backups({
    folder: backupFolder(config.dataDir),
    file: databaseFile(config.dataDir),
    ...{ now, onFault },
  });
}

function openStreams({ now, monotonicNow }: Runtime, store: Store): EventStreams {
  const streams = new EventStreams({ store, now, monotonicNow });
  store.onEvents((tenantId) => streams.notify(tenantId));
  return streams;
}

function twilioAccount(config: Config): TwilioAccount | undefined {
  const { twilioAccountSid, twilioAuthToken, twilioBaseUrl } = config;
  if (twilioAccountSid === undefined || twilioAuthToken === undefined) return undefined;
  return { accountSid: twilioAccountSid, authToken: twilioAuthToken, baseUrl: twilioBaseUrl };
}
