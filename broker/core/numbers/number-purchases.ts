/**
 * Buys numbers from a provider and resumes interrupted purchases.
 *
 * - A purchase is stored before the provider is asked to sell the number.
 * - A sold number is stored before it is configured. A failed configuration, a lost response or a stopped broker leaves
 *   an open purchase, which `resumePurchases` finishes.
 */
import type { KeyContext } from '../accounts/api-keys.ts';
import type { Principal } from '../model/api-key.ts';
import { HomingError, notFound } from '../model/errors.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Purchase } from '../model/purchase.ts';
import { type MessagingProvider, ProviderError } from '../ports/provider.ts';
import type { Queries, Store } from '../ports/store.ts';
import { createWebhook } from '../webhooks/webhook-subscriptions.ts';
import { type PurchaseRequest, startPurchase } from './start-purchase.ts';

export interface PurchaseOptions {
  store: Store;
  keyContext: KeyContext;
  /** URLs to which the provider sends inbound messages and message statuses. */
  callbackUrls: (provider: string) => { inboundUrl: string; statusUrl: string };
  onProblem: (problem: { purchase: string; phoneNumber: string; error: unknown }) => void;
}

export interface PurchasedNumber {
  number: OwnNumber;
  isWebhookConfigured: boolean;
}

/** Delay after which a sold number certainly appears in the provider's list of numbers. */
const SALE_VISIBLE_MS = 15 * 60_000;

/** @throws HomingError */
export async function purchaseNumber(
  options: PurchaseOptions,
  provider: MessagingProvider,
  principal: Principal,
  plan: Plan,
  request: PurchaseRequest,
): Promise<PurchasedNumber> {
  const { store, keyContext } = options;
  const purchase = await startPurchase(store, keyContext, provider, principal, plan, request).catch(
    (error: unknown) => {
      throw providerFailed(error);
    },
  );
  let ref: string;
  try {
    ref = await provider.buyNumber(purchase.phoneNumber, request.label);
  } catch (error) {
    if (error instanceof ProviderError && error.isRejection) {
      await closePurchase(options, purchase, 'failed');
      throw providerFailed(error);
    }
    throw outcomeUnknown(purchase, error);
  }
  return finishPurchase(options, provider, purchase, ref);
}

/**
 * Finishes open purchases that were started before the time (epoch ms). Call it at the start of the broker and
 * periodically. Returns the number of purchases that stay open.
 */
export async function resumePurchases(
  options: PurchaseOptions,
  providers: readonly MessagingProvider[],
  olderThan: number,
): Promise<number> {
  const { store, keyContext, onProblem } = options;
  let open = 0;
  for (const purchase of await store.read.purchases.open(olderThan)) {
    const provider = providers.find(({ name }) => name === purchase.provider);
    if (provider === undefined) continue;
    try {
      const { numberId, phoneNumber } = purchase;
      if (numberId !== null && (await store.read.numbers.find(purchase.tenantId, numberId)) === undefined) {
        // The number was removed from the account after the sale.
        await closePurchase(options, purchase, 'done');
        continue;
      }
      const ref = purchase.providerRef ?? (await provider.findOwned(phoneNumber));
      if (ref !== undefined) {
        if (!(await finishPurchase(options, provider, purchase, ref)).isWebhookConfigured) open += 1;
      } else if (purchase.createdAt > keyContext.now() - SALE_VISIBLE_MS) open += 1;
      else await closePurchase(options, purchase, 'failed');
    } catch (error) {
      open += 1;
      onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    }
  }
  return open;
}

/** Stores the sold number, then configures it at the provider. The number is verified when both succeed. */
async function finishPurchase(
  options: PurchaseOptions,
  provider: MessagingProvider,
  purchase: Purchase,
  ref: string,
): Promise<PurchasedNumber> {
  const { store, keyContext, callbackUrls, onProblem } = options;
  const { number, bought } = await store.transaction((tx) => insertNumber(tx, purchase, ref, keyContext));
  try {
    await provider.configureNumber(ref, callbackUrls(provider.name));
  } catch (error) {
    onProblem({ purchase: purchase.id, phoneNumber: purchase.phoneNumber, error });
    return { number, isWebhookConfigured: false };
  }
  await store.transaction(async (tx) => {
    await tx.numbers.setVerified(number.id);
    await tx.purchases.update({ ...bought, state: 'done', updatedAt: keyContext.now() });
  });
  return { number: { ...number, verified: true }, isWebhookConfigured: true };
}

/** Returns the existing number if a concurrent call has inserted it. */
async function insertNumber(
  tx: Queries,
  { id, tenantId, phoneNumber, label, provider, inboundWebhookUrl }: Purchase,
  ref: string,
  keyContext: KeyContext,
): Promise<{ number: OwnNumber; bought: Purchase }> {
  const purchase = await tx.purchases.find(id);
  if (purchase === undefined) throw notFound('Purchase');
  if (purchase.numberId !== null) {
    const number = await tx.numbers.find(tenantId, purchase.numberId);
    if (number === undefined) throw notFound('Number');
    return { number, bought: purchase };
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
  const bought: Purchase = {
    ...purchase,
    state: 'bought',
    numberId: number.id,
    providerRef: ref,
    updatedAt: keyContext.now(),
  };
  await tx.purchases.update(bought);
  return { number, bought };
}

function closePurchase(
  { store, keyContext }: PurchaseOptions,
  purchase: Purchase,
  state: 'done' | 'failed',
): Promise<void> {
  return store.transaction((tx) => tx.purchases.update({ ...purchase, state, updatedAt: keyContext.now() }));
}

/** Has no `retryAfterSeconds`: an immediate retry could buy a second number. */
function outcomeUnknown({ phoneNumber }: Purchase, error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new HomingError(
    'provider_failed',
    `The messaging provider did not confirm the sale of ${phoneNumber}. If it was sold, it appears in your list of ` +
      'numbers within a few minutes.',
    { cause: error, fix: 'Check the list of your numbers before you buy another one.' },
  );
}

function providerFailed(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error;
  return new HomingError(
    'provider_failed',
    `The request to the messaging provider failed: ${error.message}`,
    {
      cause: error,
      ...(error.isTemporary ? { retryAfterSeconds: 30 } : {}),
    },
  );
}
