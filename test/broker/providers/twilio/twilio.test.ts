/** Checks how responses of Twilio, and missing ones, are mapped to provider errors. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MessagingProvider, ProviderMessage } from '../../../../broker/core/ports/provider.ts';
import { connectTwilio } from '../../../../broker/providers/twilio/twilio.ts';
import { ACCOUNT_SID, AUTH_TOKEN, type FakeTwilio, startFakeTwilio } from '../../../support/fake-twilio.ts';
import { certificateFor, startTlsProxy } from '../../../support/tls.ts';

const MESSAGE: ProviderMessage = {
  from: '+14155550100',
  to: '+14155550142',
  text: 'Hi',
  mediaUrls: [],
  channel: 'sms',
  template: null,
  statusUrl: 'https://homing.test/status',
};
const connect = (baseUrl: string, authToken = AUTH_TOKEN) =>
  connectTwilio({ accountSid: ACCOUNT_SID, authToken, baseUrl });

let twilio: FakeTwilio;
let provider: MessagingProvider;
beforeAll(async () => {
  twilio = await startFakeTwilio();
  provider = await connect(twilio.url);
});
afterAll(() => twilio.close());

describe('a request to Twilio', () => {
  it.each([
    [400, 21610, 'recipient_unreachable', false, true],
    [400, 21614, 'recipient_unreachable', false, true],
    [400, 21620, 'media_unavailable', false, true],
    [400, 21617, 'device_error', false, true],
    [400, 21611, 'device_error', true, true],
    [404, undefined, 'device_error', false, true],
    [429, 20429, 'device_error', true, true],
    [500, undefined, 'device_error', true, true],
    [503, undefined, 'device_error', true, true],
    [502, undefined, 'device_error', true, false],
    [504, undefined, 'device_error', true, false],
  ])(
    'with the response %i %s is rejected with the right failure code',
    async (status, code, failure, isTemporary, isRejection) => {
      twilio.respondNext('POST', '/Messages.json', { status, ...(code === undefined ? {} : { code }) });
      await expect(provider.send(MESSAGE)).rejects.toMatchObject({
        ...{
          name: 'ProviderError',
          code: failure,
          isTemporary,
          isRejection,
          message: expect.stringMatching(/./),
        },
      });
    },
  );

  it('with a wrong auth token is a temporary rejection', async () => {
    const wrong = await connect(twilio.url, 'wrong');
    await expect(wrong.send(MESSAGE)).rejects.toMatchObject({ isRejection: true, isTemporary: true });
    expect(twilio.requests.some(({ fields }) => fields.Body === 'Hi' && fields.From === undefined)).toBe(
      false,
    );
  });

  it('that could not connect is a temporary rejection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    for (const url of [`http://127.0.0.1:${port}`, 'http://twilio.invalid']) {
      await expect((await connect(url)).send(MESSAGE)).rejects.toMatchObject({
        ...{ isRejection: true, isTemporary: true },
      });
    }
  });

  it('whose connection broke off is not a rejection and is not retried', async () => {
    twilio.requests.length = 0;
    twilio.respondNext('POST', '/Messages.json', 'reset');
    await expect(provider.send(MESSAGE)).rejects.toMatchObject({ isRejection: false });
    expect(twilio.requests).toHaveLength(1);
  });

  it.each(['http', 'https'])('over %s is not written if another broker has taken over', async (scheme) => {
    const certificate = await certificateFor('localhost');
    const proxy = await startTlsProxy(Number(new URL(twilio.url).port), certificate);
    const folder = mkdtempSync(join(tmpdir(), 'homing-twilio-'));
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    vi.stubEnv('TWILIO_CA_BUNDLE', join(folder, 'ca.pem'));
    try {
      twilio.requests.length = 0;
      let maySend = false;
      const account = { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN };
      const baseUrl = scheme === 'http' ? twilio.url : proxy.url;
      const fenced = await connectTwilio({ ...account, baseUrl }, { maySend: () => maySend });
      await expect(fenced.send(MESSAGE)).rejects.toMatchObject({
        ...{ isRejection: true, isTemporary: true, message: expect.stringContaining('withheld') },
      });
      expect(twilio.requests).toEqual([]);
      maySend = true;
      expect(await fenced.send(MESSAGE)).toMatch(/^SM/);
      expect(twilio.requests).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
      proxy.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('goes to the configured base URL and its path, for every host of Twilio', async () => {
    twilio.requests.length = 0;
    const behindPath = await connect(`${twilio.url}/stand-in`);
    await expect(behindPath.listTemplates()).rejects.toMatchObject({ name: 'ProviderError' });
    await expect(behindPath.findOwned('+1')).rejects.toMatchObject({ name: 'ProviderError' });
    expect(twilio.requests.map(({ path }) => path)).toEqual([
      '/stand-in/v1/ContentAndApprovals',
      `/stand-in/2010-04-01/Accounts/${ACCOUNT_SID}/IncomingPhoneNumbers.json`,
    ]);
  });
});

describe('a number', () => {
  it('is found as owned only if the whole number matches', async () => {
    twilio.owned.set('+14155550100', 'PN1');
    expect(await provider.findOwned('+14155550100')).toBe('PN1');
    expect(await provider.findOwned('+1415555010')).toBeUndefined();
  });
});

describe('the credentials of the account', () => {
  it('are sent to Twilio only', () => {
    for (const url of ['https://api.twilio.com/2010-04-01/x', `${twilio.url}/x`]) {
      expect(provider.mediaHeaders(url)).toEqual({ authorization: expect.stringMatching(/^Basic /) });
    }
    for (const url of [
      'http://api.twilio.com/x',
      'https://api.twilio.com.example/x',
      'https://api.twilio.com@example.com/x',
      'https://media.example/https://api.twilio.com/',
    ]) {
      expect(provider.mediaHeaders(url)).toBeUndefined();
    }
  });
});
