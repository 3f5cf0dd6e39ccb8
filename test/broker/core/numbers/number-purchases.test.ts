/** Tests purchases with Twilio's SDK and a fake Twilio: every sold number is listed, whatever fails in between. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../broker/core/accounts/accounts.ts';
import { DEFAULT_PLANS, type Plan } from '../../../../broker/core/model/plan.ts';
import type { Tenant } from '../../../../broker/core/model/tenant.ts';
import {
  type PurchaseOptions,
  purchaseNumber,
  resumePurchases,
} from '../../../../broker/core/numbers/number-purchases.ts';
import type { MessagingProvider } from '../../../../broker/core/ports/provider.ts';
import { memoryProvider } from '../../../../broker/providers/memory/memory.ts';
import { connectTwilio } from '../../../../broker/providers/twilio/twilio.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { ACCOUNT_SID, AUTH_TOKEN, type FakeTwilio, startFakeTwilio } from '../../../support/fake-twilio.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const PLAN = DEFAULT_PLANS.enterprise!;
const REQUEST = { areaCode: '415', label: 'Sales', inboundWebhookUrl: null };
const URLS = { inboundUrl: 'https://homing.test/inbound', statusUrl: 'https://homing.test/status' };
const SALE = ['POST', '/IncomingPhoneNumbers.json'] as const;
const WEBHOOK = ['POST', '/IncomingPhoneNumbers/PN'] as const;
const MINUTE = 60_000;

let temporary: TemporaryStore;
let twilio: FakeTwilio;
let provider: MessagingProvider;
let options: PurchaseOptions;
let problems: unknown[];

beforeEach(async () => {
  temporary = await temporaryStore();
  twilio = await startFakeTwilio();
  provider = await connectTwilio({ accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, baseUrl: twilio.url });
  problems = [];
  options = {
    store: temporary.store,
    keyContext: { ids: temporary.ids, now: temporary.now, secrets },
    callbackUrls: () => URLS,
    onProblem: (problem) => problems.push(problem),
  };
});
afterEach(async () => {
  twilio.releaseHung();
  await temporary.close();
  await twilio.close();
});

const buy = (
  change: { tenant?: Tenant; plan?: Plan; provider?: MessagingProvider; areaCode?: string } = {},
) =>
  purchaseNumber(
    options,
    change.provider ?? provider,
    { kind: 'operator', tenant: change.tenant ?? temporary.live },
    change.plan ?? PLAN,
    {
      ...REQUEST,
      areaCode: change.areaCode ?? REQUEST.areaCode,
    },
  );
const resume = (olderThan = temporary.now() + 1) =>
  resumePurchases(options, [provider, memoryProvider()], olderThan);
const listed = () => temporary.store.read.numbers.list(temporary.live.id);
const open = () => temporary.store.read.purchases.open(Number.MAX_SAFE_INTEGER);
const smsUrls = () => twilio.requests.map(({ fields }) => fields.SmsUrl).filter((url) => url !== undefined);

async function anotherTenant(slug: string, environment: 'live' | 'test'): Promise<Tenant> {
  return temporary.store.transaction(async (tx) => {
    const existing = await tx.accounts.findBySlug(slug);
    const account = existing ?? (await createAccount(tx, slug, 'free', DEFAULT_PLANS, options.keyContext));
    return (await tx.accounts.tenant(account.id, environment))!;
  });
}

describe('number purchases', () => {
  it('purchaseNumber buys a number of the area code, configures it and lists it', async () => {
    const { number, isWebhookConfigured } = await buy();
    expect(isWebhookConfigured).toBe(true);
    expect(await listed()).toEqual([number]);
    expect(number).toMatchObject({
      ...{ phoneNumber: '+14155550100', label: 'Sales', status: 'active', verified: true },
      ...{ provider: 'twilio', providerRef: twilio.owned.get('+14155550100'), complianceStatus: 'pending' },
    });
    expect(twilio.requests[0]!.fields).toMatchObject({ AreaCode: '415', SmsEnabled: 'true' });
    expect(twilio.requests[1]!.fields).toEqual({ PhoneNumber: '+14155550100', FriendlyName: 'Sales' });
    expect(twilio.requests[2]!.fields).toEqual({
      ...{ SmsUrl: URLS.inboundUrl, SmsMethod: 'POST', StatusCallback: URLS.statusUrl },
    });
    expect(await open()).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('purchaseNumber creates the requested webhook for the inbound messages of the number', async () => {
    const inboundWebhookUrl = 'https://example.com/hook';
    const { number } = await purchaseNumber(
      options,
      provider,
      { kind: 'operator', tenant: temporary.live },
      PLAN,
      {
        ...REQUEST,
        inboundWebhookUrl,
      },
    );
    const webhooks = await temporary.store.read.webhooks.list(temporary.live.id, 'textree');
    expect(webhooks).toMatchObject([
      { url: inboundWebhookUrl, numberId: number.id, events: ['message.received'] },
    ]);
  });

  it('purchaseNumber lists the number if its configuration fails, and resumePurchases configures it', async () => {
    twilio.respondNext(...WEBHOOK, { status: 500 }, { status: 503 });
    const { number, isWebhookConfigured } = await buy();
    expect(isWebhookConfigured).toBe(false);
    expect(await listed()).toEqual([number]);
    expect(number.verified).toBe(false);
    expect(await resume()).toBe(1);
    expect(await listed()).toEqual([number]);
    expect(await resume()).toBe(0);
    expect(await listed()).toEqual([{ ...number, verified: true }]);
    expect(await resume()).toBe(0);
    expect(smsUrls()).toHaveLength(3);
    expect(problems).toHaveLength(2);
    expect(twilio.owned.size).toBe(1);
  });

  it('purchaseNumber stores nothing if the provider rejects the sale', async () => {
    twilio.respondNext(...SALE, { status: 400, code: 21422, message: 'Not available' });
    await expect(buy()).rejects.toMatchObject({
      ...{ code: 'provider_failed', retryAfterSeconds: undefined },
      message: expect.stringContaining('Not available'),
    });
    twilio.respondNext(...SALE, { status: 503 });
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed', retryAfterSeconds: 30 });
    expect(await listed()).toEqual([]);
    expect(await open()).toEqual([]);
    expect(await resume()).toBe(0);
  });

  it('resumePurchases lists the number if the response to the sale was lost', async () => {
    twilio.loseResponse(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({
      ...{ code: 'provider_failed', retryAfterSeconds: undefined },
      message: expect.stringContaining('did not confirm the sale of +14155550100'),
    });
    expect(await listed()).toEqual([]);
    expect(await resume()).toBe(0);
    expect(await listed()).toMatchObject([{ phoneNumber: '+14155550100', verified: true }]);
    expect(await resume()).toBe(0);
    expect(await listed()).toHaveLength(1);
    expect(
      twilio.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(SALE[1])),
    ).toHaveLength(1);
  });

  it('resumePurchases lists the number if the sale timed out', async () => {
    twilio.loseResponse(...SALE, 'hang');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    expect(await resume()).toBe(0);
    expect(await listed()).toMatchObject([{ phoneNumber: '+14155550100', verified: true }]);
  });

  it('resumePurchases fails a purchase if the number has not appeared at the provider after 15 minutes', async () => {
    twilio.respondNext(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    expect(await resume()).toBe(1);
    temporary.advance(14 * MINUTE);
    expect(await resume()).toBe(1);
    // The number appears late.
    twilio.owned.set('+14155550100', 'PN00000000000000000000000000000009');
    expect(await resume()).toBe(0);
    expect(await listed()).toHaveLength(1);

    twilio.respondNext(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    temporary.advance(16 * MINUTE);
    expect(await resume()).toBe(0);
    expect(await open()).toEqual([]);
    expect(await listed()).toHaveLength(1);
  });

  it('resumePurchases keeps a purchase open while the provider is unavailable', async () => {
    twilio.loseResponse(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    temporary.advance(60 * MINUTE);
    twilio.respondNext('GET', '/IncomingPhoneNumbers.json', { status: 503 });
    expect(await resume()).toBe(1);
    expect(await resume()).toBe(0);
    expect(await listed()).toHaveLength(1);
  });

  it('resumePurchases ignores a purchase whose request may still be running', async () => {
    twilio.loseResponse(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    expect(await resume(temporary.now() - 1)).toBe(0);
    expect(await listed()).toEqual([]);
  });

  it('resumePurchases lists the number once in two concurrent calls', async () => {
    twilio.loseResponse(...SALE, 'reset');
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    await Promise.all([resume(), resume()]);
    expect(await listed()).toHaveLength(1);
    expect(await open()).toEqual([]);
  });

  it('resumePurchases does not restore a number that was removed before its configuration', async () => {
    twilio.respondNext(...WEBHOOK, { status: 500 });
    const { number } = await buy();
    await temporary.store.transaction((tx) => tx.numbers.remove(number.id, temporary.now()));
    expect(await resume()).toBe(0);
    expect(await listed()).toEqual([]);
    expect(await open()).toEqual([]);
  });

  it('purchaseNumber never buys the same number twice, even in concurrent requests', async () => {
    const [one, two] = await Promise.all([buy(), buy()]);
    const numbers = [one.number.phoneNumber, two.number.phoneNumber].sort();
    expect(numbers).toEqual(['+14155550100', '+14155550101']);
    const other = await anotherTenant('other', 'live');
    expect((await buy({ tenant: other })).number.phoneNumber).toBe('+14155550102');
    await expect(buy()).rejects.toMatchObject({ code: 'invalid_request', param: 'area_code' });
  });

  it('purchaseNumber skips a number that a device has registered', async () => {
    await temporary.addNumber('+14155550100');
    expect((await buy()).number.phoneNumber).toBe('+14155550101');
  });

  it('purchaseNumber enforces the plan for concurrent and unfinished purchases', async () => {
    const plan = { ...PLAN, numbers: 1 };
    const outcomes = await Promise.allSettled([buy({ plan }), buy({ plan }), buy({ plan })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(twilio.owned.size).toBe(1);
    await expect(buy({ plan })).rejects.toMatchObject({ code: 'plan_limit_exceeded' });

    twilio.loseResponse(...SALE, 'reset');
    await expect(buy({ plan: { ...PLAN, numbers: 2 } })).rejects.toMatchObject({ code: 'provider_failed' });
    await expect(buy({ plan: { ...PLAN, numbers: 2 } })).rejects.toMatchObject({
      code: 'plan_limit_exceeded',
    });
    expect(twilio.owned.size).toBe(2);
  });

  it('purchaseNumber throws if the provider has no number or is unavailable', async () => {
    twilio.respondNext('GET', '/AvailablePhoneNumbers', { status: 404, code: 20404, message: 'Not found' });
    await expect(buy()).rejects.toMatchObject({ code: 'provider_failed' });
    for (const line of [100, 101, 102]) await temporary.addNumber(`+1415555${`0${line}`}`);
    await expect(buy()).rejects.toMatchObject({ code: 'invalid_request', param: 'area_code' });
    expect(await open()).toEqual([]);
  });
});

describe('The memory provider', () => {
  const sandbox = memoryProvider();
  const buyThere = (tenant: Tenant, areaCode: string) => buy({ provider: sandbox, tenant, areaCode });

  it('sells fictional numbers, each once per tenant', async () => {
    const tenant = await anotherTenant('a', 'test');
    expect((await buyThere(tenant, '415')).number).toMatchObject({
      ...{ phoneNumber: '+14155550100', verified: true, provider: 'memory' },
    });
    expect((await buyThere(tenant, '415')).number.phoneNumber).toBe('+14155550101');
    expect((await buyThere(tenant, '212')).number.phoneNumber).toBe('+12125550100');
    const other = await anotherTenant('b', 'test');
    expect((await buyThere(other, '415')).number.phoneNumber).toBe('+14155550100');
  });

  it('has 100 numbers per area code, and none in 999', async () => {
    const tenant = await anotherTenant('a', 'test');
    const sold = new Set<string>();
    for (let n = 0; n < 100; n += 1) sold.add((await buyThere(tenant, '415')).number.phoneNumber);
    expect(sold.size).toBe(100);
    for (const areaCode of ['415', '999']) {
      await expect(buyThere(tenant, areaCode)).rejects.toMatchObject({
        ...{ code: 'invalid_request', param: 'area_code' },
      });
    }
  });

  it('sells numbers of area code 998 whose configuration fails', async () => {
    const tenant = await anotherTenant('a', 'test');
    const { number, isWebhookConfigured } = await buyThere(tenant, '998');
    expect(isWebhookConfigured).toBe(false);
    expect(await resume()).toBe(1);
    expect(await temporary.store.read.numbers.list(tenant.id)).toEqual([number]);
  });
});
