import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type BlueBubblesOptions,
  blueBubblesSender,
} from '../../../relay-agent/senders/bluebubbles-sender.ts';
import type { Sending } from '../../../relay-agent/senders/sender.ts';
import { startBlueBubbles } from '../../support/fake-mac/bluebubbles.ts';

const ANN = '+14155550101';
const GROUP = 'iMessage;+;chat123456';
const PASSWORD = 'böse & geheim+?#%';
const IMPATIENT_MS = 1_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function setUp(options: Partial<BlueBubblesOptions> = {}, folder = '') {
  const server = await startBlueBubbles(PASSWORD, folder);
  cleanUps.push(server.close);
  const sender = blueBubblesSender({ url: server.url, password: PASSWORD, ...options });
  return { ...server, sender, endpoints: () => server.requests.map(({ endpoint }) => endpoint) };
}

function text(to: string, words = 'Hello', service: Sending['service'] = 'imessage'): Sending {
  return { to, service, content: { kind: 'text', text: words } };
}

function photo(to: string, service: Sending['service'] = 'imessage'): Sending {
  const folder = mkdtempSync(join(tmpdir(), 'homing-photo-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a photo.heic');
  writeFileSync(path, 'pixels');
  return { to, service, content: { kind: 'file', path } };
}

const someId = expect.stringMatching(/^[\da-f-]{36}$/);

describe('requests to BlueBubbles', () => {
  it('a text is sent to the existing chat with the recipient', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`iMessage;-;${ANN}`);
    const words = 'Two\nlines, "quotes" and 👋🏽';
    expect(await sender.send(text(ANN, words))).toEqual({ kind: 'accepted' });
    expect(requests).toEqual([
      { endpoint: `GET chat/iMessage;-;${ANN}`, body: {} },
      {
        endpoint: 'POST message/text',
        body: { chatGuid: `iMessage;-;${ANN}`, message: words, tempGuid: someId, method: 'apple-script' },
      },
    ]);
  });

  it('a text is sent to the chat of macOS 26 without a service name', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`any;-;${ANN}`);
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/text',
      body: { chatGuid: `any;-;${ANN}` },
    });
  });

  it('a new chat is created for a recipient without one', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toEqual({
      endpoint: 'POST chat/new',
      body: {
        addresses: [ANN],
        message: 'Hello',
        service: 'iMessage',
        tempGuid: someId,
        method: 'apple-script',
      },
    });
  });

  it('an SMS is sent only to an SMS chat or to a new one', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`iMessage;-;${ANN}`).add(`any;-;${ANN}`);
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toMatchObject({ endpoint: 'POST chat/new', body: { service: 'SMS' } });
    chats.add(`SMS;-;${ANN}`);
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/text',
      body: { chatGuid: `SMS;-;${ANN}` },
    });
  });

  it('a group message is sent by the guid of the chat without a lookup', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(text(GROUP))).toEqual({ kind: 'accepted' });
    expect(requests).toMatchObject([{ endpoint: 'POST message/text', body: { chatGuid: GROUP } }]);
  });

  it('a file is sent under its name', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`any;-;${ANN}`);
    expect(await sender.send(photo(ANN))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toEqual({
      endpoint: 'POST message/attachment',
      body: { chatGuid: `any;-;${ANN}`, name: 'a photo.heic', tempGuid: someId, method: 'apple-script' },
      file: { name: 'a photo.heic', content: 'pixels' },
    });
  });

  it('a file for a recipient without a chat is sent to the guid of the future chat', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(photo(ANN, 'sms'))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/attachment',
      body: { chatGuid: `SMS;-;${ANN}` },
    });
  });

  it('the path of the server URL is a prefix of every request path', async () => {
    const { url } = await setUp({}, '/bridge');
    const sender = blueBubblesSender({ url: `${url}/`, password: PASSWORD });
    expect(await sender.send(text(GROUP))).toEqual({ kind: 'accepted' });
  });

  it('each message has a unique temporary guid', async () => {
    const { sender, requests } = await setUp();
    await Promise.all([sender.send(text(GROUP)), sender.send(text(GROUP))]);
    expect(new Set(requests.map(({ body }) => body.tempGuid)).size).toBe(2);
  });
});

describe('a rejected message', () => {
  it('a wrong password is rejected and not shown in the problem', async () => {
    const { url, requests } = await setUp();
    for (const password of ['wrong', 'öä ü&', '401']) {
      const outcome = await blueBubblesSender({ url, password }).send(text(ANN));
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'permission_denied' });
      expect(outcome).toMatchObject({ problem: expect.stringContaining('rejects the password') });
      expect(JSON.stringify(outcome)).not.toContain(password);
    }
    expect(requests).toEqual([]);
  });

  it('a refused connection is a rejection, for the chat lookup and for the message', async () => {
    const { sender, url, close } = await setUp();
    await close();
    const problem = `BlueBubbles at ${url}: ECONNREFUSED`;
    for (const to of [ANN, GROUP]) {
      expect(await sender.send(text(to))).toEqual({ kind: 'rejected', code: 'device_error', problem });
    }
  });

  it('a host name without an address is a rejection', async () => {
    const sender = blueBubblesSender({ url: 'http://bluebubbles.invalid:1234', password: PASSWORD });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'rejected', code: 'device_error' });
  });

  it('a validation error of the server is a rejection', async () => {
    const { sender } = await setUp();
    expect(await sender.send(text(GROUP, ''))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'BlueBubbles returned status 400: The message field is required.',
    });
  });

  it('a missing file is a rejection', async () => {
    const { sender, endpoints } = await setUp();
    const content = { kind: 'file', path: '/nonexistent/photo.heic' } as const;
    expect(await sender.send({ to: GROUP, service: 'imessage', content })).toMatchObject({
      kind: 'rejected',
      code: 'device_error',
      problem: expect.stringContaining('Cannot read the file'),
    });
    expect(endpoints()).toEqual([]);
  });

  it('a recipient with shell characters is rejected', async () => {
    const { sender, endpoints } = await setUp();
    for (const to of ['iMessage;+;"; do shell script "true', 'iMessage;+;$(true)', '`true`@example.com']) {
      expect(await sender.send(text(to))).toMatchObject({ kind: 'rejected', code: 'device_error' });
    }
    expect(endpoints()).toEqual([]);
  });

  it('a failed chat lookup is a rejection', async () => {
    const { sender, behave, endpoints } = await setUp({ timeoutMs: IMPATIENT_MS });
    behave(`GET chat/iMessage;-;${ANN}`, { kind: 'silence' });
    behave('GET chat/iMessage;-;ben@', { kind: 'break' });
    behave('GET chat/iMessage;-;cid@', { kind: 'error', status: 500, message: 'SQLITE_BUSY' });
    behave('GET chat/iMessage;-;dan@', { kind: 'html', status: 200 });
    const recipients = [ANN, 'ben@example.com', 'cid@example.com', 'dan@example.com'];
    const outcomes = await Promise.all(recipients.map((to) => sender.send(text(to))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'rejected', code: 'device_error' });
    expect(endpoints().filter((endpoint) => endpoint.startsWith('POST'))).toEqual([]);
  });

  it('a redirect and a response of another server are rejections', async () => {
    const { sender, behave, url } = await setUp();
    const elsewhere = await setUp();
    behave('POST message/text', { kind: 'redirect', to: `${elsewhere.url}/api/v1/message/text` });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: `The server at ${url} is not BlueBubbles (status 301).`,
    });
    expect(elsewhere.requests).toEqual([]);
    behave('POST chat/new', { kind: 'html', status: 404 });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'rejected', code: 'device_error' });
  });

  it('a missing Automation permission is a rejection', async () => {
    const { sender, behave } = await setUp();
    const script = 'osascript -e "send \\"Hello\\" to targetBuddy"';
    const stderr = '0:9: execution error: Not authorized to send Apple events to Messages. (-1743)';
    const message = `Command failed: ${script}\n${stderr}\n`;
    behave('POST message/text', { kind: 'error', status: 500, message });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'rejected',
      code: 'permission_denied',
      problem: `BlueBubbles returned status 500: ${stderr}`,
    });
  });
});

describe('a message with an unknown outcome', () => {
  it('a server error after the send has an unknown outcome', async () => {
    const { sender, behave } = await setUp();
    const script = 'osascript -e "send \\"execution error: (-1743)\u2028\\" to targetBuddy"';
    const stderr = 'execution error: Messages got an error: AppleEvent timed out. (-1712)';
    behave('POST message/text', {
      kind: 'error',
      status: 500,
      message: `Command failed: ${script}\n${stderr}`,
    });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'unknown',
      problem: `BlueBubbles returned status 500: ${stderr}`,
    });
  });

  it('a missing response has an unknown outcome', async () => {
    const { sender, behave } = await setUp({ timeoutMs: IMPATIENT_MS });
    behave('POST message/text', { kind: 'silence' });
    expect(await sender.send(text(GROUP))).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining(`no response within ${IMPATIENT_MS} ms`),
    });
  });

  it('a broken connection has an unknown outcome', async () => {
    const { sender, behave, url } = await setUp();
    behave('POST message/text', { kind: 'break' });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'unknown',
      problem: `BlueBubbles at ${url}: UND_ERR_SOCKET`,
    });
  });

  it.each([200, 502, 524])('a response of a proxy with status %i has an unknown outcome', async (status) => {
    const { sender, behave } = await setUp();
    behave('POST message/text', { kind: 'html', status });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'unknown' });
  });
});

describe('the password', () => {
  it('no problem contains the password, even if the server or the network quotes it', async () => {
    const quoted = [PASSWORD, encodeURIComponent(PASSWORD), `${new URLSearchParams({ password: PASSWORD })}`];
    const { sender, behave, url } = await setUp();
    behave('POST message/text', { kind: 'error', status: 400, message: quoted.join(' | ') });
    const network: typeof fetch = (address) => {
      const cause = { code: `could not reach ${address}` };
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    const senders = [sender, blueBubblesSender({ url, password: PASSWORD, fetch: network })];
    for (const each of senders) {
      const outcome = await each.send(text(GROUP));
      expect(outcome).toMatchObject({ problem: expect.stringContaining('…') });
      for (const form of quoted) expect(JSON.stringify(outcome)).not.toContain(form);
    }
  });
});
