/** Buying numbers from a provider: a number that was sold is listed, whatever goes wrong behind it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, unreachable } from '../../support/selling-provider.ts';
import { expectRefusal, shown, type TextreeClient } from '../../support/textree-client.ts';
import { startTextreeServer, type TextreeServer } from '../../support/textree-server.ts';

const WANTED = { area_code: '415', friendly_name: 'Support' };
const INBOUND = 'https://example.com/inbound';

let server: TextreeServer;
beforeEach(async () => {
  server = await startTextreeServer();
});
afterEach(() => server?.close());

const numbersOf = async (client: TextreeClient) => (await client.get('/numbers')).body.numbers;

/** Another server in the place of the usual one. */
async function instead(options: Parameters<typeof startTextreeServer>[0]): Promise<void> {
  await server.close();
  server = await startTextreeServer(options);
}

describe('a number that is bought', () => {
  it.each(['live', 'test'] as const)('with a %s token is connected, and listed', async (environment) => {
    const client = server[environment];
    const answer = await client.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND });
    expect(answer.status).toBe(201);
    expect(shown(answer)).toBe(
      '{"number":{"id":"num_ID","number":"+14155551001","friendly_name":"Support","status":"connected","compliance_status":"pending"},"webhook_configured":true}',
    );
    expect(shown(await client.get('/numbers'))).toBe(
      `{"numbers":[{"id":"num_ID","number":"+14155551001","friendly_name":"Support","capabilities":["sms"],"status":"connected","inbound_webhook_url":"${INBOUND}","compliance_status":"pending","created_at":"TIME"}]}`,
    );
    expect((await numbersOf(client))[0].id).toBe(answer.body.number.id);
    expect(await numbersOf(environment === 'live' ? server.test : server.live)).toEqual([]);
    expect(server.provider.configured).toEqual([
      {
        ref: 'PN14155551001',
        inboundUrl: 'https://homing.test/selling/inbound',
        statusUrl: 'https://homing.test/selling/status',
      },
    ]);
  });

  it('has a webhook of its own for what comes in, in the list of webhooks', async () => {
    const { number } = (await server.live.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND })).body;
    const { webhooks } = (await server.live.get('/webhooks')).body;
    expect(webhooks).toMatchObject([
      { url: INBOUND, events: ['message.received'], number_id: number.id, active: true },
    ]);
    // The same address may be asked to hear of all numbers.
    const whole = await server.live.post('/webhooks', { url: INBOUND, events: ['message.received'] });
    expect(whole.status).toBe(201);
  });

  it('needs no webhook', async () => {
    for (const inbound_webhook_url of [undefined, null]) {
      const answer = await server.live.post('/numbers', { ...WANTED, inbound_webhook_url });
      expect(answer.body).toMatchObject({ number: { status: 'connected' }, webhook_configured: true });
    }
    for (const number of await numbersOf(server.live)) expect(number.inbound_webhook_url).toBe(null);
    expect((await server.live.get('/webhooks')).body.webhooks).toEqual([]);
  });

  it('sends from then on, and a segment costs a cent', async () => {
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
    expectRefusal(await server.live.post('/messages', over), 402, 'spend_limit_exceeded');
  });
});

describe('when the number could not be connected', () => {
  it('it is pending, kept, and connected later', async () => {
    server.provider.before = (call) => {
      if (call === 'configure') throw unreachable();
    };
    const answer = await server.live.post('/numbers', { ...WANTED, inbound_webhook_url: INBOUND });
    expect(answer.status).toBe(201);
    expect(shown(answer)).toBe(
      '{"number":{"id":"num_ID","number":"+14155551001","friendly_name":"Support","status":"pending","compliance_status":"pending"},"webhook_configured":false}',
    );
    expect(server.problems).toEqual(['+14155551001']);
    const pending = { id: answer.body.number.id, status: 'pending', inbound_webhook_url: INBOUND };
    expect(await numbersOf(server.live)).toMatchObject([pending]);
    // It can't be sent from before it is connected.
    expectRefusal(
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

describe('when the provider’s answer to the purchase is lost', () => {
  it('nobody is told to try again, and the number is listed once it is known', async () => {
    server.provider.losesAnswers = true;
    const answer = await server.live.post('/numbers', WANTED);
    expectRefusal(answer, 502, 'provider_failed', { message: /\+14155551001/, fix: /list of your numbers/ });
    expect(await numbersOf(server.live)).toEqual([]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toMatchObject([{ number: '+14155551001', status: 'connected' }]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toHaveLength(1);
  });
});

describe('nothing is bought', () => {
  const nothing = async () => {
    expect(server.provider.sold).toEqual([]);
    expect(await numbersOf(server.live)).toEqual([]);
    expect(await server.resume()).toBe(0);
    expect(await numbersOf(server.live)).toEqual([]);
  };

  it('in an area without a number for sale', async () => {
    server.provider.isSoldOut = true;
    const answer = await server.live.post('/numbers', WANTED);
    expectRefusal(answer, 422, 'invalid_request', { message: /No number is for sale in area code 415/ });
    await nothing();
  });

  it('while the provider can’t be asked, which may be tried again', async () => {
    server.provider.before = () => {
      throw unreachable();
    };
    const answer = await server.live.post('/numbers', WANTED);
    expectRefusal(answer, 502, 'provider_failed', { retry: 'retry_later' });
    await nothing();
  });

  it('when the provider says no', async () => {
    server.provider.before = (call) => {
      if (call === 'buy') throw refusal();
    };
    const answer = await server.live.post('/numbers', WANTED);
    expectRefusal(answer, 502, 'provider_failed', { message: /this account may not buy/ });
    await nothing();
  });

  it('by a token that is revoked while the provider is asked', async () => {
    server.provider.before = (call) => (call === 'find' ? server.revokeLive() : undefined);
    expectRefusal(await server.live.post('/numbers', WANTED), 401, 'unauthorized');
    expect(server.provider.sold).toEqual([]);
  });

  it('with a live token where the owner has not allowed it; the sandbox buys all the same', async () => {
    await instead({ allowsPurchases: false });
    const answer = await server.live.post('/numbers', WANTED);
    expectRefusal(answer, 503, 'provider_not_configured', { fix: /HOMING_ALLOW_NUMBER_PURCHASES=1/ });
    await nothing();
    expect((await server.test.post('/numbers', WANTED)).status).toBe(201);
  });

  it('beyond the plan, also when purchases race', async () => {
    await instead({ plan: { numbers: 2 } });
    const racing = await Promise.all(Array.from({ length: 6 }, () => server.live.post('/numbers', WANTED)));
    expect(racing.map(({ status }) => status).sort()).toEqual([201, 201, 402, 402, 402, 402]);
    expectRefusal(await server.live.post('/numbers', WANTED), 402, 'plan_limit_exceeded');
    expect(server.provider.sold).toHaveLength(2);
    expect(await numbersOf(server.live)).toHaveLength(2);
  });
});
