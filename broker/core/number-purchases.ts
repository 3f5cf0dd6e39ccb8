/**
 * Buying a number. What is asked of the provider is written down before it is asked, and the number is ours from the
 * moment it was sold: a webhook that could not be set, an answer that got lost or a broker that was killed leaves a
 * purchase that `resumePurchases` finishes, never a number that is paid for and not listed.
 */
import { type Actor, worldOf } from './accounts.ts';
import { HomingError, invalidRequest, planLimitExceeded, unauthorized } from './errors.ts';
import type { KeyMaker } from './keys.ts';
import { OF_A_DEVICE, type OwnNumber } from './numbers.ts';
import type { Plan } from './plans.ts';
import { type MessagingProvider, ProviderError } from './provider-port.ts';
import type { Purchase } from './purchases.ts';
import type { Queries, Store } from './store-port.ts';
import { createWebhook } from './webhook-subscriptions.ts';

export interface PurchaseServices {
  store: Store;
  keyMaker: KeyMaker;
  /** Where the provider tells of what comes in and of how messages fare. */
  callbackUrls: (provider: string) => { inboundUrl: string; statusUrl: string };
  onProblem: (problem: { purchase: string; phoneNumber: string; error: unknown }) => void;
}

export interface PurchaseRequest {
  areaCode: string;
  label: string;
  inboundWebhookUrl: string | null;
}

export interface Bought {
  number: OwnNumber;
  isWebhookConfigured: boolean;
}

/** @throws HomingError */
export async function purchaseNumber(
  services: PurchaseServices,
  provider: MessagingProvider,
  actor: Actor,
  plan: Plan,
  { areaCode, label, inboundWebhookUrl }: PurchaseRequest,
): Promise<Bought> {
  const { store, keyMaker } = services;
  const world = worldOf(actor);
  await assertMayBuy(store.read, actor, plan);
  const phoneNumber = await asked(() => provider.findNumber(areaCode));
  if (phoneNumber === undefined) {
    throw invalidRequest(`No number is for sale in area ${areaCode} at the moment.`, 'area_code');
  }
  const at = keyMaker.now();
  const purchase: Purchase = {
    id: keyMaker.ids(),
    worldId: world.id,
    provider: provider.name,
    phoneNumber,
    label,
    inboundWebhookUrl,
    state: 'started',
    numberId: null,
    providerRef: null,
    createdAt: at,
    updatedAt: at,
  };
  await store.transaction(async (tx) => {
    await assertMayBuy(tx, actor, plan);
    await tx.purchases.insert(purchase);
  });
  let ref: string;
  try {
    ref = await provider.buyNumber(phoneNumber, label);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (!error.isRefusal) throw maybeSold(phoneNumber, error);
    await store.transaction((tx) =>
      tx.purchases.update({ ...purchase, state: 'failed', updatedAt: keyMaker.now() }),
    );
    throw providerFailed(error);
  }
  return finish(services, provider, purchase, ref);
}

/** What is being bought at the same time counts as a number already. */
async function assertMayBuy(tx: Queries, actor: Actor, plan: Plan): Promise<void> {
  if (actor.kind === 'credential' && !(await tx.credentials.isLive(actor.credential.id)))
    throw unauthorized();
  if (plan.numbers === null) return;
  const { id } = worldOf(actor);
  const begun = (await tx.purchases.open(Number.MAX_SAFE_INTEGER)).filter(
    ({ worldId, numberId }) => worldId === id && numberId === null,
  );
  if ((await tx.numbers.count(id)) + begun.length >= plan.numbers) {
    throw planLimitExceeded(`Your plan's ${plan.numbers} numbers are in use.`);
  }
}

/** Finishes what was begun and not ended; call at the start and now and then. Gives how many are still open. */
export async function resumePurchases(
  services: PurchaseServices,
  providers: readonly MessagingProvider[],
  olderThan: number,
): Promise<number> {
  const { store, keyMaker, onProblem } = services;
  let open = 0;
  for (const purchase of await store.read.purchases.open(olderThan)) {
    const provider = providers.find(({ name }) => name === purchase.provider);
    if (provider === undefined) continue;
    try {
      const ref = purchase.providerRef ?? (await provider.findOwned(purchase.phoneNumber));
      if (ref === undefined) {
        await store.transaction((tx) =>
          tx.purchases.update({ ...purchase, state: 'failed', updatedAt: keyMaker.now() }),
        );
      } else if (!(await finish(services, provider, purchase, ref)).isWebhookConfigured) open += 1;
    } catch (error) {
      open += 1;
      onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    }
  }
  return open;
}

/** The number is sold: it is listed first, and connected once the provider tells us of what comes in. */
async function finish(
  services: PurchaseServices,
  provider: MessagingProvider,
  purchase: Purchase,
  ref: string,
): Promise<Bought> {
  const { store, keyMaker, callbackUrls, onProblem } = services;
  const { number, listed } = await store.transaction(async (tx) => {
    const known =
      purchase.numberId === null ? undefined : await tx.numbers.find(purchase.worldId, purchase.numberId);
    const number: OwnNumber = known ?? {
      ...OF_A_DEVICE,
      id: keyMaker.ids(),
      worldId: purchase.worldId,
      phoneNumber: purchase.phoneNumber,
      label: purchase.label,
      status: 'active',
      verified: false,
      createdAt: keyMaker.now(),
      provider: provider.name,
      providerRef: ref,
      complianceStatus: 'pending',
    };
    if (known === undefined) {
      await tx.numbers.insert(number);
      if (purchase.inboundWebhookUrl !== null) {
        await createWebhook(
          tx,
          {
            worldId: purchase.worldId,
            dialect: 'textree',
            numberId: number.id,
            name: null,
            url: purchase.inboundWebhookUrl,
            events: ['message.received'],
          },
          keyMaker,
        );
      }
    }
    const listed: Purchase = {
      ...purchase,
      state: 'bought',
      numberId: number.id,
      providerRef: ref,
      updatedAt: keyMaker.now(),
    };
    await tx.purchases.update(listed);
    return { number, listed };
  });
  try {
    await provider.configureNumber(ref, callbackUrls(provider.name));
  } catch (error) {
    onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    return { number, isWebhookConfigured: false };
  }
  await store.transaction(async (tx) => {
    await tx.numbers.setVerified(number.id);
    await tx.purchases.update({ ...listed, state: 'done', updatedAt: keyMaker.now() });
  });
  return { number: { ...number, verified: true }, isWebhookConfigured: true };
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw providerFailed(error);
  }
}

/** Not to be tried again at once: it would be a second number. */
function maybeSold(phoneNumber: string, cause: ProviderError): HomingError {
  return new HomingError(
    'provider_failed',
    `The messaging provider did not say whether it sold ${phoneNumber}; the number is listed once that is known.`,
    { cause, fix: 'Look at the list of your numbers before you buy another.' },
  );
}

function providerFailed(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new HomingError('provider_failed', `The messaging provider could not do it: ${error.message}`, {
    cause: error,
    ...(error.isTemporary ? { retryAfterSeconds: 30 } : {}),
  });
}
