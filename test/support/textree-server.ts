/** Serves the Textree API alone over real HTTP in the process of the test, with a provider that the test controls. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textreeApi } from '../../broker/apis/textree/api.ts';
import { createAccount } from '../../broker/core/accounts/accounts.ts';
import { createKey, type KeyContext, revokeKey } from '../../broker/core/accounts/api-keys.ts';
import { localLimits, MinuteLimit } from '../../broker/core/accounts/minute-limit.ts';
import { Dispatcher } from '../../broker/core/dispatch/dispatcher.ts';
import { Projector } from '../../broker/core/inbox/projector.ts';
import { createMessageSender } from '../../broker/core/messages/send-messages.ts';
import { DEFAULT_PACE } from '../../broker/core/model/pace.ts';
import { DEFAULT_PLANS, type Plan } from '../../broker/core/model/plan.ts';
import { type PurchaseOptions, resumePurchases } from '../../broker/core/numbers/number-purchases.ts';
import { TEST_NUMBERS } from '../../broker/core/sandbox/test-numbers.ts';
import { createCallerAuthentication } from '../../broker/http/authenticate.ts';
import { createClientAddresses } from '../../broker/http/client-address.ts';
import { Connections } from '../../broker/http/connections.ts';
import { createHttpServer } from '../../broker/http/server.ts';
import { secrets } from '../../broker/secrets.ts';
import { createIdSource, formatId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { newBrokerDatabase, openStoreOf } from './broker-database.ts';
import { type SellingProvider, sellingProvider } from './selling-provider.ts';
import { type TextreeClient, textreeClient } from './textree-client.ts';

export interface TextreeServer {
  provider: SellingProvider;
  live: TextreeClient;
  test: TextreeClient;
  /** Phone numbers whose callbacks could not be configured. */
  problems: string[];
  /** Resumes open purchases. Returns the number of purchases that are still open. */
  resume(): Promise<number>;
  revokeLive(): Promise<void>;
  close(): Promise<void>;
}

interface ServerOptions {
  plan?: Partial<Plan>;
  allowsPurchases?: boolean;
}

export async function startTextreeServer({
  plan,
  allowsPurchases = true,
}: ServerOptions = {}): Promise<TextreeServer> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-textree-'));
  const database = await newBrokerDatabase(folder);
  const store = await openStoreOf({ database });
  const now = () => Date.now();
  const ids = createIdSource(now);
  const keyContext: KeyContext = { ids, now, secrets };
  const plans = { ...DEFAULT_PLANS, own: { ...DEFAULT_PLANS.enterprise!, ...plan } };
  const keys = await store.transaction(async (tx) => {
    await createAccount(tx, 'a', 'own', plans, keyContext);
    const wanted = { label: '', permissions: ['*'] as const, account: 'a' };
    return {
      live: await createKey(tx, { ...wanted, environment: 'live' }, keyContext, 'txt'),
      test: await createKey(tx, { ...wanted, environment: 'test' }, keyContext, 'txt'),
    };
  });
  const acceptContext = { ids, now, messageTtlMs: 86_400_000, sandbox: TEST_NUMBERS, countSegments };
  const onFault = (error: unknown) => {
    throw error;
  };
  const dispatcher = new Dispatcher({
    store,
    now,
    monotonicNow: now,
    ids,
    messageTtlMs: acceptContext.messageTtlMs,
    pace: DEFAULT_PACE,
    after: () => () => {},
    onFault,
  });
  const clientAddresses = createClientAddresses();
  const keyUse = { mark: () => {} };
  const provider = sellingProvider();
  const problems: string[] = [];
  const purchases: PurchaseOptions = {
    store,
    keyContext,
    callbackUrls: (name) => ({
      inboundUrl: `https://homing.test/${name}/inbound`,
      statusUrl: `https://homing.test/${name}/status`,
    }),
    onProblem: ({ phoneNumber }) => problems.push(phoneNumber),
  };
  const projector = new Projector({ store, context: () => ({ now: now(), ids, countSegments }) });
  const api = textreeApi({
    store,
    keyContext,
    authenticate: createCallerAuthentication({
      store,
      secrets,
      plans,
      limits: localLimits(now),
      clientAddresses,
      keyUse,
    }),
    messageSender: createMessageSender({
      catchUp: () => projector.catchUp(),
      store,
      dispatcher,
      acceptOptions: { ...acceptContext, prices: { sms: 1, whatsapp: 1 }, secrets },
      sendLimit: new MinuteLimit(now),
      waitContext: () => ({ pace: DEFAULT_PACE, now: now(), hasTarget: () => false }),
    }),
    projector,
    sandbox: TEST_NUMBERS,
    countSegments,
    waitContext: () => ({ pace: DEFAULT_PACE, now: now(), hasTarget: () => false }),
    allowsPrivateUrls: false,
    allowsPurchases,
    providerFor: () => provider,
    purchases,
  });
  const serveContext = { newRequestId: () => formatId('req', ids()), onFault: () => {} };
  const server = createHttpServer({
    apis: [api],
    context: serveContext,
    upgrade: (_request, socket) => socket.destroy(),
    connections: new Connections({ perAddress: 100, total: 100, ...clientAddresses }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    provider,
    live: textreeClient(url, keys.live.key),
    test: textreeClient(url, keys.test.key),
    problems,
    resume: () => resumePurchases(purchases, [provider], now() + 1),
    revokeLive: async () => {
      await store.transaction((tx) => revokeKey(tx, keys.live.id, now()));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
