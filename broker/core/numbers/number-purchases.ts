/**
 * Buying a number. What is asked of the provider is written down before it is asked, and the number is ours from the
 * moment it was sold: a webhook that could not be set, an answer that got lost or a broker that was killed leaves a
 * purchase that `resumePurchases` finishes, never a number that is paid for and not listed.
 */

import type { KeyContext } from '../accounts/api-keys.ts';
import { type Principal, type Tenant, tenantOf } from '../model/account.ts';
import { HomingError, invalidRequest, notFound, planLimitExceeded, unauthorized } from '../model/errors.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Purchase } from '../model/purchase.ts';
import { type MessagingProvider, ProviderError } from '../ports/provider.ts';
import type { Queries, Store } from '../ports/store.ts';
import { createWebhook } from '../webhooks/webhook-subscriptions.ts';

export interface PurchaseOptions {
  store: Store;
  keyContext: KeyContext;
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

/** Two who ask at once are offered the same number; the later looks again, this often. */
const FIND_ATTEMPTS = 5;
/** A sale whose answer got lost may show late in the provider's own list. */
const SALE_MAY_SHOW_MS = 15 * 60_000;
const ALL = Number.MAX_SAFE_INTEGER;

/** @throws HomingError */
export async function purchaseNumber(
  options: PurchaseOptions,
  provider: MessagingProvider,
  principal: Principal,
  plan: Plan,
  request: PurchaseRequest,
): Promise<Bought> {
  const { store, keyContext } = options;
  const purchase = await begin(options, provider, principal, plan, request);
  let ref: string;
  try {
    ref = await provider.buyNumber(purchase.phoneNumber, request.label);
  } catch (error) {
    if (error instanceof ProviderError && error.isRejection) {
      await store.transaction((tx) =>
        tx.purchases.update({ ...purchase, state: 'failed', updatedAt: keyContext.now() }),
      );
      throw providerFailed(error);
    }
    throw maybeSold(purchase, error);
  }
  return finish(options, provider, purchase, ref);
}

/** Finishes what was begun before then and not ended; call at the start and now and then. Gives how many stay open. */
export async function resumePurchases(
  options: PurchaseOptions,
  providers: readonly MessagingProvider[],
  olderThan: number,
): Promise<number> {
  const { store, keyContext, onProblem } = options;
  const close = (purchase: Purchase, state: 'done' | 'failed') =>
    store.transaction((tx) => tx.purchases.update({ ...purchase, state, updatedAt: keyContext.now() }));
  let open = 0;
  for (const purchase of await store.read.purchases.open(olderThan)) {
    const provider = providers.find(({ name }) => name === purchase.provider);
    if (provider === undefined) continue;
    try {
      const { numberId, phoneNumber } = purchase;
      if (numberId !== null && (await store.read.numbers.find(purchase.tenantId, numberId)) === undefined) {
        // Its owner removed it since.
        await close(purchase, 'done');
        continue;
      }
      const ref = purchase.providerRef ?? (await provider.findOwned(phoneNumber));
      if (ref !== undefined) {
        if (!(await finish(options, provider, purchase, ref)).isWebhookConfigured) open += 1;
      } else if (purchase.createdAt > keyContext.now() - SALE_MAY_SHOW_MS) open += 1;
      else await close(purchase, 'failed');
    } catch (error) {
      open += 1;
      onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    }
  }
  return open;
}

/** Finds a number and writes down that it is about to be bought. */
async function begin(
  { store, keyContext }: PurchaseOptions,
  provider: MessagingProvider,
  principal: Principal,
  plan: Plan,
  { areaCode, label, inboundWebhookUrl }: PurchaseRequest,
): Promise<Purchase> {
  const tenant = tenantOf(principal);
  await checkMayBuy(store.read, principal, plan);
  for (let attempt = 0; attempt < FIND_ATTEMPTS; attempt += 1) {
    const phoneNumber = await provider
      .findNumber(areaCode, (offered) => isFree(store.read, tenant, offered))
      .catch((error: unknown) => {
        throw providerFailed(error);
      });
    if (phoneNumber === undefined) break;
    const at = keyContext.now();
    const purchase: Purchase = {
      id: keyContext.ids(),
      tenantId: tenant.id,
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
    const isBegun = await store.transaction(async (tx) => {
      await checkMayBuy(tx, principal, plan);
      if (!(await isFree(tx, tenant, phoneNumber))) return false;
      await tx.purchases.insert(purchase);
      return true;
    });
    if (isBegun) return purchase;
  }
  throw invalidRequest(`No number is for sale in area ${areaCode} at the moment.`, 'area_code');
}

/** What is being bought counts like what is there, so that two purchases at once don't go over the plan. */
async function checkMayBuy(tx: Queries, principal: Principal, plan: Plan): Promise<void> {
  if (principal.kind === 'credential' && !(await tx.credentials.isLive(principal.credential.id))) {
    throw unauthorized();
  }
  if (plan.numbers === null) return;
  const tenant = tenantOf(principal);
  const started = (await tx.purchases.open(ALL)).filter(
    ({ tenantId, state }) => tenantId === tenant.id && state === 'started',
  );
  if ((await tx.numbers.count(tenant.id)) + started.length >= plan.numbers) {
    throw planLimitExceeded(
      `Your plan's ${plan.numbers} number${plan.numbers === 1 ? ' is' : 's are'} in use.`,
    );
  }
}

/** Nobody has it, and nobody is buying it. A number of the sandbox is fictional, so every account may have it. */
async function isFree(tx: Queries, tenant: Tenant, phoneNumber: string): Promise<boolean> {
  const isLive = tenant.environment === 'live';
  const owned = isLive
    ? await tx.numbers.liveTenantOf(phoneNumber)
    : await tx.numbers.findByPhone(tenant.id, phoneNumber);
  if (owned !== undefined) return false;
  const open = await tx.purchases.open(ALL);
  return !open.some(
    (purchase) => purchase.phoneNumber === phoneNumber && (isLive || purchase.tenantId === tenant.id),
  );
}

/** The number is sold: it is listed first, and connected once the provider tells us of what comes in. */
async function finish(
  options: PurchaseOptions,
  provider: MessagingProvider,
  purchase: Purchase,
  ref: string,
): Promise<Bought> {
  const { store, keyContext, callbackUrls, onProblem } = options;
  const { number, listed } = await store.transaction((tx) => list(tx, purchase, ref, keyContext));
  try {
    await provider.configureNumber(ref, callbackUrls(provider.name));
  } catch (error) {
    onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    return { number, isWebhookConfigured: false };
  }
  await store.transaction(async (tx) => {
    await tx.numbers.setVerified(number.id);
    await tx.purchases.update({ ...listed, state: 'done', updatedAt: keyContext.now() });
  });
  return { number: { ...number, verified: true }, isWebhookConfigured: true };
}

async function list(
  tx: Queries,
  { id, tenantId, phoneNumber, label, provider, inboundWebhookUrl }: Purchase,
  ref: string,
  keyContext: KeyContext,
): Promise<{ number: OwnNumber; listed: Purchase }> {
  const purchase = (await tx.purchases.find(id))!;
  if (purchase.numberId !== null) {
    const number = await tx.numbers.find(tenantId, purchase.numberId);
    if (number === undefined) throw notFound('Number');
    return { number, listed: purchase };
  }
  const number: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    id: keyContext.ids(),
    tenantId,
    phoneNumber,
    label,
    status: 'active',
    verified: false,
    createdAt: keyContext.now(),
    provider,
    providerRef: ref,
    complianceStatus: 'pending',
  };
  await tx.numbers.insert(number);
  if (inboundWebhookUrl !== null) {
    const events = ['message.received'] as const;
    const url = inboundWebhookUrl;
    await createWebhook(
      tx,
      { tenantId, dialect: 'textree', numberId: number.id, name: null, url, events },
      keyContext,
    );
  }
  const listed: Purchase = {
    ...purchase,
    state: 'bought',
    numberId: number.id,
    providerRef: ref,
    updatedAt: keyContext.now(),
  };
  await tx.purchases.update(listed);
  return { number, listed };
}

/** Not to be tried again at once: it would be a second number. */
function maybeSold({ phoneNumber }: Purchase, error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new HomingError(
    'provider_failed',
    `The messaging provider did not say whether it sold ${phoneNumber}. If it did, the number is among yours ` +
      'within some minutes.',
    { cause: error, fix: 'Look at the list of your numbers before you buy another.' },
  );
}

function providerFailed(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new HomingError('provider_failed', `The messaging provider could not do it: ${error.message}`, {
    cause: error,
    ...(error.isTemporary ? { retryAfterSeconds: 30 } : {}),
  });
}
