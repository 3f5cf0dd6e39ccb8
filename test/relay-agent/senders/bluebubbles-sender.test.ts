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

describe('what BlueBubbles is asked', () => {
  it('is to write a text into the chat with the person', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`iMessage;-;${ANN}`);
    const words = 'Two\nlines, "quotes" and 👋🏽';
    expect(await sender.send(text(ANN, words))).toEqual({ kind: 'handed' });
    expect(requests).toEqual([
      { endpoint: `GET chat/iMessage;-;${ANN}`, body: {} },
      {
        endpoint: 'POST message/text',
        body: { chatGuid: `iMessage;-;${ANN}`, message: words, tempGuid: someId, method: 'apple-script' },
      },
    ]);
  });

  it('is to use the chat of any service that macOS 26 has', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`any;-;${ANN}`);
    expect(await sender.send(text(ANN))).toEqual({ kind: 'handed' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/text',
      body: { chatGuid: `any;-;${ANN}` },
    });
  });

  it('is to begin a chat with a person who has none yet', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(text(ANN))).toEqual({ kind: 'handed' });
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

  it('is to send an SMS only where it surely becomes one', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`iMessage;-;${ANN}`).add(`any;-;${ANN}`);
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'handed' });
    expect(requests.at(-1)).toMatchObject({ endpoint: 'POST chat/new', body: { service: 'SMS' } });
    chats.add(`SMS;-;${ANN}`);
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'handed' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/text',
      body: { chatGuid: `SMS;-;${ANN}` },
    });
  });

  it('is to write to a group by its guid, without a look', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(text(GROUP))).toEqual({ kind: 'handed' });
    expect(requests).toMatchObject([{ endpoint: 'POST message/text', body: { chatGuid: GROUP } }]);
  });

  it('is to send a file under its name', async () => {
    const { sender, chats, requests } = await setUp();
    chats.add(`any;-;${ANN}`);
    expect(await sender.send(photo(ANN))).toEqual({ kind: 'handed' });
    expect(requests.at(-1)).toEqual({
      endpoint: 'POST message/attachment',
      body: { chatGuid: `any;-;${ANN}`, name: 'a photo.heic', tempGuid: someId, method: 'apple-script' },
      file: { name: 'a photo.heic', content: 'pixels' },
    });
  });

  it('is to send a file to the guid that the chat would have, where there is no chat', async () => {
    const { sender, requests } = await setUp();
    expect(await sender.send(photo(ANN, 'sms'))).toEqual({ kind: 'handed' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/attachment',
      body: { chatGuid: `SMS;-;${ANN}` },
    });
  });

  it('goes below the path of the address that was given', async () => {
    const { url } = await setUp({}, '/bridge');
    const sender = blueBubblesSender({ url: `${url}/`, password: PASSWORD });
    expect(await sender.send(text(GROUP))).toEqual({ kind: 'handed' });
  });

  it('has an id of its own for each message', async () => {
    const { sender, requests } = await setUp();
    await Promise.all([sender.send(text(GROUP)), sender.send(text(GROUP))]);
    expect(new Set(requests.map(({ body }) => body.tempGuid)).size).toBe(2);
  });
});

describe('a refused message', () => {
  it('is one with a wrong password, which no problem tells', async () => {
    const { url, requests } = await setUp();
    for (const password of ['wrong', 'öä ü&', '401']) {
      const outcome = await blueBubblesSender({ url, password }).send(text(ANN));
      expect(outcome).toMatchObject({ kind: 'refused', code: 'permission_denied' });
      expect(outcome).toMatchObject({ problem: expect.stringContaining('does not accept the password') });
      expect(JSON.stringify(outcome)).not.toContain(password);
    }
    expect(requests).toEqual([]);
  });

  it('is one where nothing listens, be it the look for the chat or the message itself', async () => {
    const { sender, url, close } = await setUp();
    await close();
    const problem = `BlueBubbles at ${url}: ECONNREFUSED`;
    for (const to of [ANN, GROUP]) {
      expect(await sender.send(text(to))).toEqual({ kind: 'refused', code: 'device_error', problem });
    }
  });

  it('is one whose server has no address', async () => {
    const sender = blueBubblesSender({ url: 'http://bluebubbles.invalid:1234', password: PASSWORD });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'refused', code: 'device_error' });
  });

  it('is one that the server finds wrong', async () => {
    const { sender } = await setUp();
    expect(await sender.send(text(GROUP, ''))).toEqual({
      kind: 'refused',
      code: 'device_error',
      problem: 'BlueBubbles answered 400: The message field is required.',
    });
  });

  it('is one with a file that is not there', async () => {
    const { sender, endpoints } = await setUp();
    const content = { kind: 'file', path: '/nonexistent/photo.heic' } as const;
    expect(await sender.send({ to: GROUP, service: 'imessage', content })).toMatchObject({
      kind: 'refused',
      code: 'device_error',
      problem: expect.stringContaining('The file cannot be read'),
    });
    expect(endpoints()).toEqual([]);
  });

  it('is one to a recipient that the shell of the server would take for more than that', async () => {
    const { sender, endpoints } = await setUp();
    for (const to of ['iMessage;+;"; do shell script "true', 'iMessage;+;$(true)', '`true`@example.com']) {
      expect(await sender.send(text(to))).toMatchObject({ kind: 'refused', code: 'device_error' });
    }
    expect(endpoints()).toEqual([]);
  });

  it('is one whose chat cannot be looked for', async () => {
    const { sender, behave, endpoints } = await setUp({ answerMs: IMPATIENT_MS });
    behave(`GET chat/iMessage;-;${ANN}`, { kind: 'silence' });
    behave('GET chat/iMessage;-;ben@', { kind: 'break' });
    behave('GET chat/iMessage;-;cid@', { kind: 'answer', status: 500, message: 'SQLITE_BUSY' });
    behave('GET chat/iMessage;-;dan@', { kind: 'html', status: 200 });
    const people = [ANN, 'ben@example.com', 'cid@example.com', 'dan@example.com'];
    const outcomes = await Promise.all(people.map((to) => sender.send(text(to))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'refused', code: 'device_error' });
    expect(endpoints().filter((endpoint) => endpoint.startsWith('POST'))).toEqual([]);
  });

  it('is one at an address where something else answers, or sends elsewhere', async () => {
    const { sender, behave, url } = await setUp();
    const elsewhere = await setUp();
    behave('POST message/text', { kind: 'redirect', to: `${elsewhere.url}/api/v1/message/text` });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'refused',
      code: 'device_error',
      problem: `What answered at ${url} with 301 is not BlueBubbles.`,
    });
    expect(elsewhere.requests).toEqual([]);
    behave('POST chat/new', { kind: 'html', status: 404 });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'refused', code: 'device_error' });
  });

  it('is one for which BlueBubbles may not use Messages', async () => {
    const { sender, behave } = await setUp();
    const script = 'osascript -e "send \\"Hello\\" to targetBuddy"';
    const said = '0:9: execution error: Not authorized to send Apple events to Messages. (-1743)';
    const message = `Command failed: ${script}\n${said}\n`;
    behave('POST message/text', { kind: 'answer', status: 500, message });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'refused',
      code: 'permission_denied',
      problem: `BlueBubbles answered 500: ${said}`,
    });
  });
});

describe('a message that may have been sent', () => {
  it('is one that the server could not send or did not see go', async () => {
    const { sender, behave } = await setUp();
    const script = 'osascript -e "send \\"execution error: (-1743)\u2028\\" to targetBuddy"';
    const said = 'execution error: Messages got an error: AppleEvent timed out. (-1712)';
    behave('POST message/text', {
      kind: 'answer',
      status: 500,
      message: `Command failed: ${script}\n${said}`,
    });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'unclear',
      problem: `BlueBubbles answered 500: ${said}`,
    });
  });

  it('is one without an answer in time', async () => {
    const { sender, behave } = await setUp({ answerMs: IMPATIENT_MS });
    behave('POST message/text', { kind: 'silence' });
    expect(await sender.send(text(GROUP))).toMatchObject({
      kind: 'unclear',
      problem: expect.stringContaining(`no answer within ${IMPATIENT_MS} ms`),
    });
  });

  it('is one during which the connection broke', async () => {
    const { sender, behave, url } = await setUp();
    behave('POST message/text', { kind: 'break' });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'unclear',
      problem: `BlueBubbles at ${url}: UND_ERR_SOCKET`,
    });
  });

  it.each([200, 502, 524])('is one to which something in front of the server answered %i', async (status) => {
    const { sender, behave } = await setUp();
    behave('POST message/text', { kind: 'html', status });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'unclear' });
  });
});

describe('the password', () => {
  it('is in no problem, even where the server or the network quotes it', async () => {
    const quoted = [PASSWORD, encodeURIComponent(PASSWORD), `${new URLSearchParams({ password: PASSWORD })}`];
    const { sender, behave, url } = await setUp();
    behave('POST message/text', { kind: 'answer', status: 400, message: quoted.join(' | ') });
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
