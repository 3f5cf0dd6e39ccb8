/** Tests purchases of numbers: a purchased number is always listed, even after errors of the provider. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection, unreachable } from '../../support/selling-provider.ts';
import { expectErrorResponse, normalizedBody, type TextreeClient } from '../../support/textree-client.ts';
import { startTextreeServer, type TextreeServer } from '../../support/textree-server.ts';

const WANTED = { area_code: '415', friendly_name: 'Support' };
const INBOUND = 'https://example.com/inbound';

let server: TextreeServer;
beforeEach(async () => {
  server = await startTextreeServer();
});
afterEach(() => server?.close());

const numbersOf = async (client: TextreeClient) => (await client.get('/numbers')).body.numbers;

/** Replaces the default server. */
async function restartWith(options: Parameters<typeof startTextreeServer>[0]): Promise<void> {
  await server.close();
  server = await startTextreeServer(options);
}

describe('POST /numbers', () => {
  it.each(['live', 'test'] as const)(
    'purchases and connects a number with a %s token',
    async (environment) => {
      const client = server[environment];
      const response = await client.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND });
      expect(response.status).toBe(201);
      expect(normalizedBody(response)).toBe(
        '{"number":{"id":"num_ID","number":"+14155551001","friendly_name":"Support","status":"connected","compliance_status":"pending"},"webhook_configured":true}',
      );
      expect(normalizedBody(await client.get('/numbers'))).toBe(
        `{"numbers":[{"id":"num_ID","number":"+14155551001","friendly_name":"Support","capabilities":["sms"],"status":"connected","inbound_webhook_url":"${INBOUND}","compliance_status":"pending","created_at":"TIME"}]}`,
      );
      expect((await numbersOf(client))[0].id).toBe(response.body.number.id);
      expect(await numbersOf(environment === 'live' ? server.test : server.live)).toEqual([]);
      expect(server.provider.configured).toEqual([
        {
          ref: 'PN14155551001',
          inboundUrl: 'https://homing.test/selling/inbound',
          statusUrl: 'https://homing.test/selling/status',
        },
      ]);
    },
  );

  it('creates a webhook for the inbound messages of the number', async () => {
    const { number } = (await server.live.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND })).body;
    const { webhooks } = (await server.live.get('/webhooks')).body;
    expect(webhooks).toMatchObject([
      { url: INBOUND, events: ['message.received'], number_id: number.id, active: true },
    ]);
    // A webhook for all numbers can have the same URL.
    const unscoped = await server.live.post('/webhooks', { url: INBOUND, events: ['message.received'] });
    expect(unscoped.status).toBe(201);
  });

  it('does not require a webhook', async () => {
    for (const inbound_webhook_url of [undefined, null]) {
      const response = await server.live.post('/numbers', { ...WANTED, inbound_webhook_url });
      expect(response.body).toMatchObject({ number: { status: 'connected' }, webhook_configured: true });
    }
    for (const number of await numbersOf(server.live)) expect(number.inbound_webhook_url).toBe(null);
    expect((await server.live.get('/webhooks')).body.webhooks).toEqual([]);
  });

  it('makes the number the sender, with a cost of one cent per segment', async () => {
    await server.live.post('/numbers', WANTED);
    const id = await server.live.send({ phone_number: '+14155550100', body: 'a'.repeat(161) });
    const { message } = (await server.live.get(`/messages/${id}`)).body;
    expect(message).toMatchObject({ status: 'queued', segments: 2, cost_cents: 2 });
    expect((await server.live.get('/billing/usage')).body).toMatchObject({
      segments: 2,
      cost_cents: 2,
      committed_cents: 2,
    });
    await server.live.put('/billing/spend-limit', { cents: 3 });
    const over = { phone_number: '+14155550100', body: 'a'.repeat(161) };
    expectErrorResponse(await server.live.post('/messages', over), 402, 'spend_limit_exceeded');
  });
});

describe('a purchase whose number cannot be connected', () => {
  it('is listed as pending and connected later', async () => {
    server.provider.before = (call) => {
      if (call === 'configure') throw unreachable();
    };
    const response = await server.live.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND });
    expect(response.status).toBe(201);
    expect(normalizedBody(response)).toBe(
      '{"number":{"id":"num_ID","number":"+14155551001","friendly_name":"Support","status":"pending","compliance_status":"pending"},"webhook_configured":false}',
    );
    expect(server.problems).toEqual(['+14155551001']);
    const pending = { id: response.body.number.id, status: 'pending', inbound_webhook_url: INBOUND };
    expect(await numbersOf(server.live)).toMatchObject([pending]);
    // A pending number cannot send.
    expectErrorResponse(
      await server.live.post('/messages', { phone_number: '+14155550100', body: 'Hi' }),
      422,
      'invalid_request',
    );

    expect(await server.resume()).toBe(1);
    expect(await numbersOf(server.live)).toMatchObject([pending]);
    server.provider.before = () => {};
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toMatchObject([{ ...pending, status: 'connected' }]);
    expect(server.provider.sold).toHaveLength(1);
  });
});

describe('a purchase whose provider response is lost', () => {
  it('returns 502 without a retry hint, and the number is listed after its recovery', async () => {
    server.provider.losesResponses = true;
    const response = await server.live.post('/numbers', WANTED);
    expectErrorResponse(response, 502, 'provider_failed', {
      message: /\+14155551001/,
      fix: /list of your numbers/,
    });
    expect(await numbersOf(server.live)).toEqual([]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toMatchObject([{ number: '+14155551001', status: 'connected' }]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toHaveLength(1);
  });
});

describe('POST /numbers purchases nothing', () => {
  const expectNoPurchase = async () => {
    expect(server.provider.sold).toEqual([]);
    expect(await numbersOf(server.live)).toEqual([]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toEqual([]);
  };

  it('if no number is for sale in the area', async () => {
    server.provider.isSoldOut = true;
    const response = await server.live.post('/numbers', WANTED);
    expectErrorResponse(response, 422, 'invalid_request', {
      message: /No number is for sale in area code 415/,
    });
    await expectNoPurchase();
  });

  it('while the provider is unreachable, and returns a retry hint', async () => {
    server.provider.before = () => {
      throw unreachable();
    };
    const response = await server.live.post('/numbers', WANTED);
    expectErrorResponse(response, 502, 'provider_failed', { retry: 'retry_later' });
    await expectNoPurchase();
  });

  it('if the provider rejects the purchase', async () => {
    server.provider.before = (call) => {
      if (call === 'buy') throw rejection();
    };
    const response = await server.live.post('/numbers', WANTED);
    expectErrorResponse(response, 502, 'provider_failed', { message: /this account may not buy/ });
    await expectNoPurchase();
  });

  it('if the token is revoked during the request to the provider', async () => {
    server.provider.before = (call) => (call === 'find' ? server.revokeLive() : undefined);
    expectErrorResponse(await server.live.post('/numbers', WANTED), 401, 'unauthorized');
    expect(server.provider.sold).toEqual([]);
  });

  it('with a live token if purchases are disabled, but does so in the sandbox', async () => {
    await restartWith({ allowsPurchases: false });
    const response = await server.live.post('/numbers', WANTED);
    expectErrorResponse(response, 503, 'provider_not_configured', { fix: /HOMING_ALLOW_NUMBER_PURCHASES=1/ });
    await expectNoPurchase();
    expect((await server.test.post('/numbers', WANTED)).status).toBe(201);
  });

  it('over the plan limit, also for concurrent requests', async () => {
    await restartWith({ plan: { numbers: 2 } });
    const racing = await Promise.all(Array.from({ length: 6 }, () => server.live.post('/numbers', WANTED)));
    expect(racing.map(({ status }) => status).sort()).toEqual([201, 201, 402, 402, 402, 402]);
    expectErrorResponse(await server.live.post('/numbers', WANTED), 402, 'plan_limit_exceeded');
    expect(server.provider.sold).toHaveLength(2);
    expect(await numbersOf(server.live)).toHaveLength(2);
  });
});
