/**
 * Starts a broker with the account of the fake Twilio and opens its database. Numbers are bought with the purchase of the
 * core, and messages that the API of these tests can't send (WhatsApp) are accepted by the core.
 */
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { acceptMessage } from '../../broker/core/messages/accept-message.ts';
import type { SendRequest } from '../../broker/core/messages/send-request.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../broker/core/model/number.ts';
import { DEFAULT_PLANS } from '../../broker/core/model/plan.ts';
import { type PurchaseOptions, purchaseNumber } from '../../broker/core/numbers/number-purchases.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { TEST_NUMBERS } from '../../broker/core/sandbox/test-numbers.ts';
import { connectTwilio } from '../../broker/providers/twilio/twilio.ts';
import { secrets } from '../../broker/secrets.ts';
import { createIdSource, parseId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { openStoreOf } from './broker-database.ts';
import { ACCOUNT_SID, AUTH_TOKEN, type FakeTwilio, startFakeTwilio } from './fake-twilio.ts';
import { type HomingProcess, startHoming } from './homing-process.ts';
import { type Client, clientFor } from './http-client.ts';
import { until } from './until.ts';

export interface ProviderBroker {
  homing: HomingProcess;
  twilio: FakeTwilio;
  client: Client;
  store: Store;
  purchases: PurchaseOptions;
  /** Buys a live number for the default account. */
  buy(areaCode: string): Promise<string>;
  /** Adds a number of a device that sends WhatsApp messages through the provider. */
  whatsappNumber(phoneNumber: string): Promise<string>;
  /** Sends through the API. Returns the public id of the message. */
  send(from: string, to: string, content: string): Promise<string>;
  /** Accepts a message that the API of these tests can't send. */
  accept(request: Pick<SendRequest, 'from' | 'to' | 'content'> & Partial<SendRequest>): Promise<string>;
  message(publicId: string): Promise<Message>;
  reaches(publicId: string, status: string, timeoutMs?: number): Promise<Message>;
  kinds(publicId: string): Promise<string[]>;
  texts(): Promise<Message[]>;
  dispose(): Promise<void>;
}

export async function startProviderBroker(env: Record<string, string> = {}): Promise<ProviderBroker> {
  const twilio = await startFakeTwilio();
  const homing = await startHoming({ ...twilio.env, HOMING_ALLOW_PRIVATE_URLS: '1', ...env });
  const store = await openStoreOf(homing);
  const client = clientFor(homing.url, homing.liveKey);
  const tenant = await findTenant(store.read, 'default', 'live');
  const now = () => Date.now();
  const keyContext = { ids: createIdSource(now), now, secrets };
  const account = { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, baseUrl: twilio.url };
  const provider = await connectTwilio(account);
  const plan = DEFAULT_PLANS.enterprise!;
  const purchases: PurchaseOptions = {
    store: store,
    keyContext,
    callbackUrls: (name) => ({
      inboundUrl: `${homing.url}/providers/${name}/inbound`,
      statusUrl: `${homing.url}/providers/${name}/status`,
    }),
    onProblem: () => {},
  };
  const message = async (publicId: string) =>
    (await store.read.messages.find(tenant.id, parseId('msg', publicId)!))!;
  return {
    homing,
    twilio,
    client,
    store,
    purchases,
    async buy(areaCode) {
      const request = { areaCode, label: 'Bought', inboundWebhookUrl: null };
      const { number } = await purchaseNumber(
        purchases,
        provider,
        { kind: 'operator', tenant },
        plan,
        request,
      );
      return number.phoneNumber;
    },
    async whatsappNumber(phoneNumber) {
      await store.transaction((tx) =>
        tx.numbers.insert({
          ...DEVICE_NUMBER_DEFAULTS,
          id: keyContext.ids(),
          tenantId: tenant.id,
          phoneNumber,
          label: null,
          status: 'active',
          verified: true,
          createdAt: now(),
          hasWhatsapp: true,
        }),
      );
      return phoneNumber;
    },
    async send(from, to, content) {
      const response = await client.post('/v1/messages/send', { from, to, content });
      if (response.status !== 202) throw new Error(response.text);
      return response.body.id;
    },
    async accept(request) {
      const { message: accepted } = await store.transaction((tx) =>
        acceptMessage(
          tx,
          { kind: 'operator', tenant },
          plan,
          { media: [], service: 'auto', ...request },
          {
            ...{ ids: keyContext.ids, now, messageTtlMs: 86_400_000, sandbox: TEST_NUMBERS },
            ...{ prices: { sms: 1, whatsapp: 1 }, countSegments, secrets: keyContext.secrets },
          },
        ),
      );
      return `msg_${accepted.id}`;
    },
    message,
    reaches: (publicId, status, timeoutMs) =>
      until(
        `${publicId} to be ${status}`,
        async () => {
          const found = await message(publicId);
          return found.status === status && found;
        },
        timeoutMs,
      ),
    async kinds(publicId) {
      return (await store.read.messages.timeline(parseId('msg', publicId)!)).map(({ kind }) => kind);
    },
    texts: () => store.read.messages.list(tenant.id, { direction: 'inbound', limit: 100 }),
    async dispose() {
      twilio.releaseHung();
      await store.close();
      await homing.dispose();
      await twilio.close();
    },
  };
}
