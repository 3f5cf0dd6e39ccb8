/**
 * Records the response to the sample of every operation, for the reference pages. The recording is reproducible: the clock
 * is fixed and moves one second per request, secrets are counted, and ids are replaced in the order of their appearance.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { UUID } from 'uuidv7';
import { composeApis } from '../../broker/compose/apis.ts';
import { type Core, composeCore } from '../../broker/compose/core.ts';
import { listen } from '../../broker/compose/lifecycle.ts';
import { createRuntime } from '../../broker/compose/runtime.ts';
import { openStore } from '../../broker/compose/store.ts';
import { webhookRequests } from '../../broker/compose/webhook-requests.ts';
import { parseConfig, readSettings } from '../../broker/config.ts';
import { DEFAULT_PLANS } from '../../broker/core/model/plan.ts';
import type { Secrets } from '../../broker/core/ports/secrets.ts';
import { WebhookDeliverer } from '../../broker/delivery/webhooks/deliverer.ts';
import { sampleRequest } from '../../broker/docs-site/samples/sample-request.ts';
import type { AnyApi } from '../../broker/http/operation.ts';
import { createHttpServer } from '../../broker/http/server.ts';
import { secrets } from '../../broker/secrets.ts';
import { formatUuid, readBareId, readUuid } from '../../shared/ids.ts';
import { callerOf, formWithPhoto } from './all-apis.ts';
import { type DocumentedOperation, documentedOperations } from './documented-operations.ts';
import { startFileServer } from './file-server.ts';
import { furnishForSamples } from './furnished-account.ts';
import { UNPACED } from './homing-process.ts';
import { createManualClock } from './manual-clock.ts';

export type RecordedResponses = Record<string, { status: number; body?: unknown }>;

const STARTED_AT = Date.UTC(2026, 10, 21, 15);
const REQUEST_MS = 1_000;
/** The event loop is idle after this many turns without a transaction. */
const IDLE_TURNS = 50;
const LIST_LENGTH = 2;
/** Operations that delete or deactivate come last. */
export const METHOD_ORDER = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
  'base64',
);

export async function recordResponses(): Promise<RecordedResponses> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-record-'));
  const files = await startFileServer((_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
  });
  const broker = await startRecordedBroker(dataDir);
  try {
    const { url, key, apis, call } = broker;
    const { operations } = await documentedOperations(url);
    operations.sort((one, other) => METHOD_ORDER.indexOf(one.method) - METHOD_ORDER.indexOf(other.method));
    const fill = await furnishForSamples({
      ...{ url, key, call, account: 'default', filesUrl: files.url, ownNumber: '+14155550199' },
      now: STARTED_AT,
    });
    const recorded: RecordedResponses = {};
    for (const operation of operations) {
      const request = requestOf(operation, apis, url);
      const filled = JSON.parse(fill(operation, JSON.stringify(request))) as typeof request;
      const body = filled.file === undefined ? filled.body : formWithPhoto(filled.file);
      const { status, text } = await call(key, operation.method, filled.url.slice(url.length), body);
      const isJson = Object.values(operation.responses[status]?.content ?? {})[0]?.schema !== undefined;
      const shown = text
        .replaceAll(url, 'http://127.0.0.1:8080')
        .replaceAll(files.url, 'https://example.com');
      recorded[operation.name] = { status, ...(isJson ? { body: shorten(JSON.parse(shown)) } : {}) };
    }
    return withStableIds(recorded);
  } finally {
    await broker.stop();
    files.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Starts a broker without jobs: the recorder moves the clock and waits until all work has ended. */
async function startRecordedBroker(dataDir: string) {
  const clock = createManualClock();
  const now = () => STARTED_AT + clock.now();
  const settings = { ...UNPACED, HOMING_DATA_DIR: dataDir, HOMING_PORT: '0', HOMING_ALLOW_PRIVATE_URLS: '1' };
  const config = parseConfig(readSettings(settings));
  const runtime = createRuntime(config, pino({ level: 'silent' }), DEFAULT_PLANS, {
    ...{ now, monotonicNow: now, after: clock.after, secrets: countedSecrets() },
  });
  const { store, cluster, limits, createFirstKeys, close } = await openStore(runtime);
  const firstKeys = await createFirstKeys();
  if (firstKeys === undefined) throw new Error('A new data folder has no first keys.');
  let url = '';
  const core = await composeCore(runtime, { store, cluster, limits, listening: () => url });
  const { apis, sockets, serveContext, connections } = composeApis(runtime, core);
  const server = createHttpServer({ apis, context: serveContext, upgrade: sockets.upgrade, connections });
  url = await listen(server, config);
  await core.sandbox.start();
  const deliverer = new WebhookDeliverer({
    ...{ store, now, monotonicNow: now, ids: runtime.ids, onFault: runtime.onFault, onInactive: () => {} },
    post: async () => ({ statusCode: 200, bodyStart: 'OK', retryAfter: undefined }),
    requestFor: webhookRequests({ store, now, linkTo: core.links.linkTo, userAgent: 'Homing' }),
  });
  const settle = async () => {
    deliverer.notify();
    await untilIdle(core);
  };
  const send = callerOf(url);
  const call: typeof send = async (...request) => {
    const response = await send(...request);
    await settle();
    clock.advance(REQUEST_MS);
    await settle();
    return response;
  };
  return {
    ...{ url, key: firstKeys.test.key, apis, call },
    async stop() {
      await deliverer.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      core.sandbox.stop();
      await close();
    },
  };
}

/** Settles when no transaction ran during several turns of the event loop and the projections are up to date. */
async function untilIdle({ store, projector }: Core): Promise<void> {
  for (let idleTurns = 0; idleTurns < IDLE_TURNS; idleTurns += 1) {
    const before = store.transactions();
    await projector.catchUp();
    await nextTurn();
    if (store.transactions() !== before) idleTurns = 0;
  }
}

function requestOf({ name }: DocumentedOperation, apis: readonly AnyApi[], url: string) {
  for (const { description, operations } of apis) {
    const operation = operations.find(({ id }) => `${description?.name}.${id}` === name);
    if (description === undefined || operation === undefined) continue;
    return sampleRequest(description, operation, operation.example, url);
  }
  throw new Error(`No API has the operation ${name}.`);
}

function countedSecrets(): Secrets {
  let count = 0;
  const next = (length: number) => {
    count += 1;
    return String(count).padStart(length, '0');
  };
  return {
    newApiKey: (environment) => `tb_${environment}_${next(32)}`,
    newBearerToken: () => `txt_${next(40)}`,
    newWebhookSecret: () => `whsec_${Buffer.from(next(24)).toString('base64')}`,
    newDeviceSecret: () => `dev_${next(43)}`,
    newSigningKey: () => next(43),
    hash: secrets.hash,
  };
}

/** Keeps the first entries of each list. */
function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, LIST_LENGTH).map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shorten(one)]));
}

const ANY_ID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-z])[0-7][0-9a-hjkmnp-tv-z]{25}(?![0-9a-z])/g;

/** Replaces each id by one that depends only on the order of first appearance, in each of its forms. */
function withStableIds(recorded: RecordedResponses): RecordedResponses {
  const ordered = Object.fromEntries(Object.entries(recorded).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const stable = new Map<string, string>();
  const text = JSON.stringify(ordered).replaceAll(ANY_ID, (shown) => {
    const id = readUuid(shown) ?? readBareId(shown);
    if (id === undefined) return shown;
    const uuid = stable.get(id) ?? UUID.fromFieldsV7(STARTED_AT, 0, 0, stable.size + 1).toString();
    stable.set(id, uuid);
    return shown.includes('-') ? uuid : (readUuid(uuid) ?? formatUuid(id));
  });
  // Signatures depend on the ids that they sign.
  return JSON.parse(text.replaceAll(/signature=[\w-]+/g, `signature=${'0'.repeat(43)}`));
}
