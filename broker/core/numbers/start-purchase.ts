/** Finds a number for sale and stores the purchase before the provider is asked to sell the number. */
import type { AccountContext } from '../accounts/accounts.ts';
import { isLive } from '../accounts/caller.ts';
import { type Principal, tenantOf } from '../model/api-key.ts';
import { invalidRequest, unauthorized } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { Purchase } from '../model/purchase.ts';
import type { Tenant } from '../model/tenant.ts';
import type { MessagingProvider } from '../ports/provider.ts';
import type { Queries, Store } from '../ports/store.ts';
import { numbersInUse } from './number-registration.ts';

export interface PurchaseRequest {
  areaCode: string;
  label: string;
  inboundWebhookUrl: string | null;
}

/** Concurrent requests may find the same number; the later ones repeat the search. */
const FIND_ATTEMPTS = 5;
const ALL = Number.MAX_SAFE_INTEGER;

/** @throws HomingError, or ProviderError if the search fails. */
export async function startPurchase(
  store: Store,
  { ids, now }: AccountContext,
  provider: MessagingProvider,
  principal: Principal,
  plan: Plan,
  { areaCode, label, inboundWebhookUrl }: PurchaseRequest,
): Promise<Purchase> {
  const tenant = tenantOf(principal);
  await assertMayBuy(store.read, principal, plan, now());
  for (let attempt = 0; attempt < FIND_ATTEMPTS; attempt += 1) {
    const phoneNumber = await provider.findNumber(areaCode, (offered) => isFree(store.read, tenant, offered));
    if (phoneNumber === undefined) break;
    const at = now();
    const purchase: Purchase = {
      id: ids(),
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
    const isStarted = await store.transaction(async (tx) => {
      await assertMayBuy(tx, principal, plan, at);
      if (!(await isFree(tx, tenant, phoneNumber))) return false;
      await tx.purchases.insert(purchase);
      return true;
    });
    if (isStarted) return purchase;
  }
  throw invalidRequest(`No number is for sale in area code ${areaCode}. Try another area code.`, 'area_code');
}

/** Started purchases count like numbers, so that concurrent purchases do not exceed the plan. */
async function assertMayBuy(tx: Queries, principal: Principal, plan: Plan, now: number): Promise<void> {
  if (!(await isLive(tx, principal, now))) throw unauthorized();
  if (plan.numbers === null) return;
  const tenant = tenantOf(principal);
  const started = (await tx.purchases.open(ALL)).filter(
    ({ tenantId, state }) => tenantId === tenant.id && state === 'started',
  );
  if ((await tx.numbers.count(tenant.id)) + started.length >= plan.numbers) throw numbersInUse(plan.numbers);
}

/** A live number is unique in the broker. A sandbox number is fictional and unique in its tenant. */
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
