/**
 * A broker that has Twilio's account (the fake's), and its database looked into beside it: numbers are bought by the
 * core's own purchase against the same account, and what no live API of a test sends (WhatsApp) is accepted by the core.
 */
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { acceptMessage } from '../../broker/core/messages/accept-message.ts';
import type { SendRequest } from '../../broker/core/messages/send-request.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../broker/core/model/number.ts';
import { DEFAULT_PLANS } from '../../broker/core/model/plan.ts';
import { type PurchaseOptions, purchaseNumber } from '../../broker/core/numbers/number-purchases.ts';
import { TEST_NUMBERS } from '../../broker/core/sandbox/test-numbers.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import { connectTwilio } from '../../broker/providers/twilio/twilio.ts';
import { secrets } from '../../broker/secrets.ts';
import { openSqliteStore } from '../../broker/store/open.ts';
import { createIdSource, parseId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { ACCOUNT_SID, AUTH_TOKEN, type FakeTwilio, startFakeTwilio } from './fake-twilio.ts';
import { type HomingProcess, startHoming } from './homing-process.ts';
import { type Client, clientFor } from './http-client.ts';
import { until } from './until.ts';

export interface ProviderBroker {
  homing: HomingProcess;
  twilio: FakeTwilio;
  client: Client;
  inside: ReturnType<typeof openSqliteStore>['store'];
  purchases: PurchaseOptions;
  /** Buys a number for the default account's live side. */
  buy(areaCode: string): Promise<string>;
  /** A number of a phone of the owner's that sends WhatsApp messages through the provider. */
  whatsappNumber(phoneNumber: string): Promise<string>;
  /** Sends by the API; gives the message's shown id. */
  send(from: string, to: string, content: string): Promise<string>;
  /** Sends what the API of these tests does not. */
  accept(request: Pick<SendRequest, 'from' | 'to' | 'content'> & Partial<SendRequest>): Promise<string>;
  message(shownId: string): Promise<Message>;
  reaches(shownId: string, status: string, timeoutMs?: number): Promise<Message>;
  kinds(shownId: string): Promise<string[]>;
  texts(): Promise<Message[]>;
  dispose(): Promise<void>;
}

export async function startProviderBroker(env: Record<string, string> = {}): Promise<ProviderBroker> {
  const twilio = await startFakeTwilio();
  const homing = await startHoming({ ...twilio.env, HOMING_ALLOW_PRIVATE_URLS: '1', ...env });
  const { store: inside } = openSqliteStore({ file: databaseFile(homing.dataDir) });
  const client = clientFor(homing.url, homing.liveKey);
  const tenant = await findTenant(inside.read, 'default', 'live');
  const now = () => Date.now();
  const keyContext = { ids: createIdSource(now), now, secrets };
  const account = { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, baseUrl: twilio.url };
  const provider = await connectTwilio(account);
  const plan = DEFAULT_PLANS.enterprise!;
  const purchases: PurchaseOptions = {
    store: inside,
    keyContext,
    callbackUrls: (name) => ({
      inboundUrl: `${homing.url}/providers/${name}/inbound`,
      statusUrl: `${homing.url}/providers/${name}/status`,
    }),
    onProblem: () => {},
  };
  const message = async (shownId: string) =>
    (await inside.read.messages.find(tenant.id, parseId('msg', shownId)!))!;
  return {
    homing,
    twilio,
    client,
    inside,
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
      await inside.transaction((tx) =>
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
      const answer = await client.post('/v1/messages/send', { from, to, content });
      if (answer.status !== 202) throw new Error(answer.text);
      return answer.body.id;
    },
    async accept(request) {
      const { message: accepted } = await inside.transaction((tx) =>
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
    reaches: (shownId, status, timeoutMs) =>
      until(
        `${shownId} to be ${status}`,
        async () => {
          const found = await message(shownId);
          return found.status === status && found;
        },
        timeoutMs,
      ),
    async kinds(shownId) {
      return (await inside.read.messages.timeline(parseId('msg', shownId)!)).map(({ kind }) => kind);
    },
    texts: () => inside.read.messages.list(tenant.id, { direction: 'inbound', limit: 100 }),
    async dispose() {
      twilio.releaseHung();
      await homing.dispose();
      await inside.close();
      await twilio.close();
    },
  };
}
