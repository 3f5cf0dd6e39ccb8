/** Lists the account's numbers and purchases numbers from the messaging provider. */

import type { Caller } from '../../core/accounts/caller.ts';
import { providerNotConfigured } from '../../core/model/errors.ts';
import type { Environment } from '../../core/model/tenant.ts';
import { purchaseNumber } from '../../core/numbers/number-purchases.ts';
import type { MessagingProvider } from '../../core/ports/provider.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse } from './errors.ts';
import { numberList, purchaseBodyFor, purchaseResponse } from './number-schemas.ts';
import type { NumberOptions } from './options.ts';
import { serializeNumber, serializePurchasedNumber } from './serializers.ts';

export function numberOperations(options: NumberOptions): Operation<Caller>[] {
  const { store, purchases, providerFor, allowsPurchases } = options;

  const sellerFor = (environment: Environment): MessagingProvider => {
    const provider = providerFor(environment);
    if (provider === undefined) {
      throw providerNotConfigured(
        'No messaging provider is configured, so numbers cannot be purchased.',
        'Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and restart the broker.',
      );
    }
    if (environment === 'live' && !allowsPurchases) {
      throw providerNotConfigured(
        'Purchases of live numbers are disabled on this broker, because they cost money.',
        'Set HOMING_ALLOW_NUMBER_PURCHASES=1 and restart the broker.',
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
      summary: 'Purchase a number from the messaging provider',
      permission: 'numbers:write',
      body: purchaseBodyFor(options),
      errors: ['provider_failed', 'provider_not_configured'],
      responses: {
        201: {
          description:
            'The purchased number. While it is `pending`, inbound messages do not reach the broker.',
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
          headers: { location: '/api/v1/numbers' },
        };
      },
    }),
  ];
}
