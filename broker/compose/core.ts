/** Composes the core of a broker: everything that the APIs and the jobs use. Starts nothing. */
import { countSegments } from '../../shared/sms-segments.ts';
import { type Config, paceDefaultsOf, pricesOf } from '../config.ts';
import { KeyUse } from '../core/accounts/key-use.ts';
import type { WaitContext } from '../core/dispatch/waiting.ts';
import type { ProjectionContext } from '../core/inbox/projections.ts';
import { Projector } from '../core/inbox/projector.ts';
import type { AcceptOptions } from '../core/messages/accept-message.ts';
import { createMessageSender, type MessageSender } from '../core/messages/send-messages.ts';
import type { PurchaseOptions } from '../core/numbers/number-purchases.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { RateLimits } from '../core/ports/rate-limits.ts';
import type { Store } from '../core/ports/store.ts';
import type { UploadedFiles } from '../core/ports/uploaded-files.ts';
import { TEST_NUMBERS } from '../core/sandbox/test-numbers.ts';
import { backupFolder, databaseFile, uploadFolder } from '../data-folder.ts';
import { callbackUrls } from '../device-apis/provider-callbacks/api.ts';
import { type ClientAddresses, createClientAddresses } from '../http/client-address.ts';
import { createOwnOrigin, type OwnOrigin } from '../http/own-origin.ts';
import { createPublicUrl, type PublicUrl } from '../http/public-url.ts';
import { ConvertedImages } from '../media/images/converted-images.ts';
import { ImageConverter } from '../media/images/image-converter.ts';
import { MediaLibrary } from '../media/library.ts';
import { type MediaLinks, mediaLinks } from '../media/links.ts';
import { uploadedFiles } from '../media/uploaded-files.ts';
import { Uploads } from '../media/uploads.ts';
import { connectProviders, type Providers } from '../providers/providers.ts';
import type { TwilioAccount } from '../providers/twilio/twilio.ts';
import { Backups } from '../store/sqlite/backups.ts';
import { composeDispatch, type Dispatch } from './dispatch.ts';
import type { Runtime } from './runtime.ts';
import { composeStreams, type Streams } from './streams.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

export interface Core extends Dispatch, Streams {
  store: Store;
  cluster: Cluster;
  limits: RateLimits;
  providers: Providers;
  address: PublicUrl;
  clientAddresses: ClientAddresses;
  ownOrigin: OwnOrigin;
  links: MediaLinks;
  library: MediaLibrary;
  images: ConvertedImages;
  imageConverter: ImageConverter;
  uploads: Uploads;
  uploadedFiles: UploadedFiles;
  projector: Projector;
  projectionContext: () => ProjectionContext;
  acceptOptions: AcceptOptions;
  waitContext: () => WaitContext;
  messageSender: MessageSender;
  purchases: PurchaseOptions;
  keyUse: KeyUse;
  /** Undefined with PostgreSQL, which has its own program for backups. */
  backups: Backups | undefined;
}

export interface CoreOptions {
  store: Store;
  cluster: Cluster;
  limits: RateLimits;
  /** Returns the address at which the broker listens; it is called only after the start. */
  listening: () => string;
}

export async function composeCore(
  runtime: Runtime,
  { store, cluster, limits, listening }: CoreOptions,
): Promise<Core> {
  const { config, log, now, monotonicNow, ids, secrets } = runtime;
  const { metrics } = runtime.brokerMetrics;
  const providers = await connectProviders(twilioAccount(config), {
    // A single broker on SQLite has no others.
    ...(config.databaseUrl !== undefined && { maySend: () => cluster.isCurrent() }),
  });
  const address = createPublicUrl(config.publicUrl, listening);
  const { publicUrl } = address;
  const links = mediaLinks({
    key: await store.transaction((tx) => tx.media.signingKey('media', secrets.newSigningKey())),
    publicUrl,
    now,
  });
  const dispatch = composeDispatch(runtime, { store, cluster, providers, links, publicUrl });
  const { dispatcher } = dispatch;
  const projectionContext = () => ({ now: now(), ids, countSegments });
  const acceptOptions: AcceptOptions = {
    ...{ ids, now, monotonicNow, secrets, countSegments },
    messageTtlMs: config.messageTtlHours * 3_600_000,
    sandbox: TEST_NUMBERS,
    prices: pricesOf(config),
  };
  const pace = paceDefaultsOf(config);
  const waitContext = () => ({
    pace,
    now: now(),
    hasTarget: (id: string, needs?: number) => dispatcher.hasTarget(id, needs),
  });
  const clientAddresses = createClientAddresses(config.trustedProxies);
  const library = openLibrary(runtime, store, providers);
  const uploads = openUploads(runtime, store);
  const imageConverter = new ImageConverter();
  const projector = new Projector({ store, context: projectionContext });
  return {
    ...dispatch,
    ...composeStreams(runtime, store, cluster),
    clientAddresses,
    ownOrigin: createOwnOrigin(config, clientAddresses),
    ...{ store, cluster, limits, providers, address, links, projectionContext, acceptOptions, waitContext },
    library,
    imageConverter,
    images: new ConvertedImages({
      library,
      convert: (conversion, bytes) => imageConverter.convert(conversion, bytes),
    }),
    uploads,
    uploadedFiles: uploadedFiles({ store, uploads, links, ids, now }),
    projector,
    messageSender: createMessageSender({
      ...{ store, dispatcher, acceptOptions, waitContext, metrics },
      sendLimit: limits.open('messages', { isRefunded: true }),
      catchUp: () => projector.catchUp(),
    }),
    purchases: {
      store,
      keyContext: runtime,
      callbackUrls: (provider) => callbackUrls(publicUrl(), provider),
      onProblem: ({ purchase, error }) => log.warn({ purchase, err: error }, 'a purchase is not complete'),
    },
    keyUse: new KeyUse({ store, now }),
    backups: openBackups(runtime),
  };
}

function openLibrary({ config, ids, now, lateModules }: Runtime, store: Store, providers: Providers) {
  return new MediaLibrary({
    ...{ store, ids, now },
    isShared: config.databaseUrl !== undefined,
    fetch: lateModules.add(async () => {
      const { guardedFetch } = await import('../egress/guarded-fetch.ts');
      return guardedFetch({ allowsPrivate: config.allowPrivateUrls });
    }),
    providerHeaders: (mediaUrl) => providers.live?.mediaHeaders(mediaUrl),
  });
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

function twilioAccount(config: Config): TwilioAccount | undefined {
  const { twilioAccountSid, twilioAuthToken, twilioBaseUrl } = config;
  if (twilioAccountSid === undefined || twilioAuthToken === undefined) return undefined;
  return { accountSid: twilioAccountSid, authToken: twilioAuthToken, baseUrl: twilioBaseUrl };
}
