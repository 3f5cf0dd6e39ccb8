/** List the account's numbers, and buy one. */

import type { Caller } from '../../core/accounts/caller.ts';
import { providerNotConfigured } from '../../core/model/errors.ts';
import type { Environment } from '../../core/model/tenant.ts';
import { type PurchaseOptions, purchaseNumber } from '../../core/numbers/number-purchases.ts';
import type { MessagingProvider } from '../../core/ports/provider.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { errorResponse } from './errors.ts';
import { numberList, purchaseBodyFor, purchaseResponse } from './number-schemas.ts';
import { serializeNumber, serializePurchasedNumber } from './serializers.ts';

export interface NumberOptions extends UrlOptions {
  store: Store;
  purchases: PurchaseOptions;
  /** Who sells numbers there; undefined: nobody is set up. */
  providerFor: (environment: Environment) => MessagingProvider | undefined;
  /** Whether a live token may buy, which costs money. */
  allowsPurchases: boolean;
}

export function numberOperations(options: NumberOptions): Operation<Caller>[] {
  const { store, purchases, providerFor, allowsPurchases } = options;

  const sellerFor = (environment: Environment): MessagingProvider => {
    const provider = providerFor(environment);
    if (provider === undefined) {
      throw providerNotConfigured(
        'This broker has no messaging provider to buy a number from.',
        'Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and start the broker again.',
      );
    }
    if (environment === 'live' && !allowsPurchases) {
      throw providerNotConfigured(
        'This broker does not buy live numbers, since they cost money.',
        'Set HOMING_ALLOW_NUMBER_PURCHASES=1 and start the broker again.',
      );
    }
    return provider;
  };

  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/api/v1/numbers',
      summary: 'List your numbers',
      permission: 'numbers:read',
      responses: { 200: { description: 'All numbers of the account, oldest first.', schema: numberList } },
      async handle({ caller }) {
        const tenantId = caller.credential.tenant.id;
        const urls = new Map<string | null, string>();
        for (const { numberId, url } of await store.read.webhooks.list(tenantId, 'textree'))
          urls.set(numberId, url);
        const numbers = await store.read.numbers.list(tenantId);
        return {
          status: 200,
          body: { numbers: numbers.map((number) => serializeNumber(number, urls.get(number.id) ?? null)) },
        };
      },
    }),
    operation({
      id: 'buyNumber',
      method: 'POST',
      path: '/api/v1/numbers',
      summary: 'Buy a number from the messaging provider',
      permission: 'numbers:write',
      body: purchaseBodyFor(options),
      responses: {
        201: {
          description: 'Bought. While it is `pending`, what comes in for it is not told to us yet.',
          schema: purchaseResponse,
        },
        402: errorResponse,
        422: errorResponse,
        502: errorResponse,
        503: errorResponse,
      },
      example: {
        body: {
          area_code: '415',
          friendly_name: 'Support',
          inbound_webhook_url: 'https://example.com/inbound',
        },
      },
      async handle({ caller: { credential, plan }, body }) {
        const provider = sellerFor(credential.tenant.environment);
        const principal = { kind: 'credential', credential } as const;
        const { number, isWebhookConfigured } = await purchaseNumber(purchases, provider, principal, plan, {
          areaCode: body.area_code,
          label: body.friendly_name,
          inboundWebhookUrl: body.inbound_webhook_url ?? null,
        });
        return {
          status: 201,
          body: { number: serializePurchasedNumber(number), webhook_configured: isWebhookConfigured },
        };
      },
    }),
  ];
}
