/** Tests passkeys with the virtual authenticator of a real browser. */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, dashboardClient, signIn, tokenIn } from '../../support/dashboard.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

let homing: HomingProcess;
let browser: Browser;
/** The broker under the name localhost, because an IP address has no passkeys. */
let url: string;
beforeAll(async () => {
  homing = await startHoming();
  browser = await openBrowser();
  url = homing.url.replace('127.0.0.1', 'localhost');
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

let context: BrowserContext;
let page: Page;
let cdp: CDPSession;
let authenticatorId: string;
let member: DashboardClient;
beforeEach(async () => {
  member = await signIn(homing, { role: 'viewer' });
  context = await browser.newContext();
  onTestFinished(() => context.close());
  page = await context.newPage();
  cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR }));
  await page.goto(`${url}/healthz`);
});

/** A client as the browser sees the broker. */
const at = (cookie?: string) => dashboardClient(url, cookie);

/** Creates a passkey in the browser. */
function create(options: unknown) {
  return page.evaluate(async (json) => {
    const { PublicKeyCredential, navigator } = globalThis as never as BrowserApi;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);
}

/** Asks the browser for a passkey. */
function ask(options: unknown) {
  return page.evaluate(async (json) => {
    const { PublicKeyCredential, navigator } = globalThis as never as BrowserApi;
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);
}

/** The part of the browser that the functions above use; the tests have no types of a browser. */
interface BrowserApi {
  PublicKeyCredential: Record<
    'parseCreationOptionsFromJSON' | 'parseRequestOptionsFromJSON',
    (json: unknown) => unknown
  >;
  navigator: {
    credentials: Record<
      'create' | 'get',
      (options: { publicKey: unknown }) => Promise<{ toJSON(): unknown }>
    >;
  };
}

async function addPasskey(name = 'This Mac') {
  const client = at(member.cookie);
  const options = await client.post('/passkeys/options');
  expect(options.status, options.text).toBe(200);
  const response = await create(options.body);
  return { added: await client.post('/passkeys', { name, response }), response };
}

async function assertion() {
  const options = await at().post('/sign-in/passkey/options');
  expect(options.status, options.text).toBe(200);
  return ask(options.body);
}

describe('a passkey', () => {
  it('is added, listed, signs in the member without an e-mail address, and is removed', async () => {
    const { added } = await addPasskey();
    expect(added.status, added.text).toBe(201);
    expect(added.body).toEqual({
      ...{ id: expect.stringMatching(/^pky_/), name: 'This Mac' },
      ...{ createdAt: expect.any(Number), lastUsedAt: null },
    });
    expect((await at(member.cookie).get('/passkeys')).body).toEqual({ passkeys: [added.body] });

    const signedIn = await at().post('/sign-in/passkey', { response: await assertion() });
    expect(signedIn.status, signedIn.text).toBe(200);
    expect(signedIn.body.member.id).toBe(member.memberId);
    const session = at(`homing=${tokenIn(signedIn)}`);
    const { passkeys } = (await session.get('/passkeys')).body;
    expect(passkeys).toEqual([{ ...added.body, lastUsedAt: expect.any(Number) }]);

    const response = await assertion();
    expect((await session.delete(`/passkeys/${added.body.id}`)).status).toBe(204);
    expect((await session.delete(`/passkeys/${added.body.id}`)).status).toBe(404);
    expect((await at().post('/sign-in/passkey', { response })).status).toBe(401);
  });

  it('signs in once for each challenge', async () => {
    await addPasskey();
    const response = await assertion();
    expect((await at().post('/sign-in/passkey', { response })).status).toBe(200);
    const again = await at().post('/sign-in/passkey', { response });
    expect(again.status).toBe(401);
    expect(again.headers.get('set-cookie')).toBeNull();
  });

  it('is not registered twice, nor with the challenge of another member', async () => {
    const { response } = await addPasskey();
    const body = { name: 'Again', response };
    expect((await at(member.cookie).post('/passkeys', body)).status).toBe(400);

    const other = await signIn(homing, { role: 'viewer' });
    const options = (await at(other.cookie).post('/passkeys/options')).body;
    const stolen = await create(options);
    const response2 = await at(member.cookie).post('/passkeys', { name: 'Stolen', response: stolen });
    expect(response2.status).toBe(400);
    expect(response2.body.error.message).toContain('not valid');
  });

  it('of a page at another origin does not sign in', async () => {
    await addPasskey();
    const response = await assertion();
    const [first] = (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    expect(first?.rpId).toBe('localhost');
    // The authenticator signed the other port.
    const elsewhere = await at().request('POST', '/sign-in/passkey', {
      headers: { host: 'localhost:1', origin: 'http://localhost:1' },
      body: { response },
    });
    expect(elsewhere.status, elsewhere.text).toBe(401);
    expect(elsewhere.headers.get('set-cookie')).toBeNull();
  });

  it('of a removed member does not sign in', async () => {
    await addPasskey();
    const owner = await signIn(homing);
    const response = await assertion();
    expect((await owner.delete(`/members/${member.memberId}`)).status).toBe(204);
    expect((await at().post('/sign-in/passkey', { response })).status).toBe(401);
  });

  it('is not offered at an IP address, and the error names the address to open', async () => {
    const response = await member.post('/passkeys/options');
    expect(response.status).toBe(400);
    expect(response.body.error.message).toContain(url);
  });

  it('of another member returns 404 on removal', async () => {
    const { added } = await addPasskey();
    const other = await signIn(homing);
    expect((await other.delete(`/passkeys/${added.body.id}`)).status).toBe(404);
  });

  it.each([
    ['no response', {}],
    ['a response of another type', { response: { id: 'a', rawId: 'a', type: 'password', response: {} } }],
    [
      'a response without a signature',
      { response: { id: 'a', rawId: 'a', type: 'public-key', response: { clientDataJSON: 'e30' } } },
    ],
  ])('POST /sign-in/passkey rejects %s', async (_, body) => {
    const response = await at().post('/sign-in/passkey', body);
    expect(response.status, response.text).toBe(400);
  });

  it('POST /sign-in/passkey returns 401 for an unknown passkey', async () => {
    const parts = { clientDataJSON: 'e30', authenticatorData: 'e30', signature: 'e30' };
    const response = await at().post('/sign-in/passkey', {
      response: { id: 'a', rawId: 'a', type: 'public-key', response: parts },
    });
    expect(response.status, response.text).toBe(401);
  });
});
