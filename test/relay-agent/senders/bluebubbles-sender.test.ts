import { afterEach, describe, expect, it } from 'vitest';
import { blueBubblesSender } from '../../../relay-agent/senders/bluebubbles-sender.ts';
import type { Sending } from '../../../relay-agent/senders/sender.ts';
import {
  blueBubbles,
  cleanUp,
  GROUP,
  PASSWORD,
  temporaryFile,
} from '../../support/fake-mac/bluebubbles-sender.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';

const ANN = '+14155550101';
const IMPATIENT_MS = 2_000;

afterEach(cleanUp);

function text(to: string, words = 'Hello', service: Sending['service'] = 'imessage'): Sending {
  return sendingTo(to, { kind: 'text', text: words }, { service });
}

function photo(to: string, service: Sending['service'] = 'imessage'): Sending {
  return sendingTo(to, { kind: 'file', path: temporaryFile('a photo.heic') }, { service });
}

const INFO = { endpoint: 'GET server/info', body: {} };

describe('messages by the AppleScript method of BlueBubbles', () => {
  it('a text is sent to the existing chat with the recipient', async () => {
    const { sender, addChat, requests } = await blueBubbles();
    const chat = `iMessage;-;${ANN}`;
    addChat(chat);
    const words = 'Two\nlines, "quotes" and 👋🏽';
    const sending = text(ANN, words);
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat });
    expect(requests).toEqual([
      INFO,
      { endpoint: `GET chat/${chat}`, body: {} },
      {
        endpoint: 'POST message/text',
        body: { chatGuid: chat, message: words, tempGuid: sending.attemptId, method: 'apple-script' },
      },
    ]);
  });

  it('a text of 20,000 characters arrives unchanged', async () => {
    const { sender, actions } = await blueBubbles();
    const words = `${'ß👩‍👩‍👧‍👦\u2028'.repeat(1_600)}\ud83d`;
    expect(await sender.send(text(GROUP, words))).toMatchObject({ kind: 'accepted' });
    expect(actions()).toMatchObject([{ body: { message: words } }]);
  });

  it('a new chat is created for a recipient without one', async () => {
    const { sender, requests } = await blueBubbles();
    const sending = text(ANN);
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat: `iMessage;-;${ANN}` });
    expect(requests.slice(1)).toEqual([
      { endpoint: `GET chat/iMessage;-;${ANN}`, body: {} },
      { endpoint: `GET chat/any;-;${ANN}`, body: {} },
      {
        endpoint: 'POST chat/new',
        body: {
          addresses: [ANN],
          message: 'Hello',
          service: 'iMessage',
          tempGuid: sending.attemptId,
          method: 'apple-script',
        },
      },
    ]);
  });

  it('an SMS is sent only to an SMS chat or to a new one', async () => {
    const { sender, addChat, requests } = await blueBubbles();
    addChat(`iMessage;-;${ANN}`);
    addChat(`any;-;${ANN}`);
    const chat = `SMS;-;${ANN}`;
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'accepted', chat });
    expect(requests.at(-1)).toMatchObject({ endpoint: 'POST chat/new', body: { service: 'SMS' } });
    expect(await sender.send(text(ANN, 'Hello', 'sms'))).toEqual({ kind: 'accepted', chat });
    expect(requests.at(-1)).toMatchObject({ endpoint: 'POST message/text', body: { chatGuid: chat } });
  });

  it('a group message is sent to the existing chat', async () => {
    const { sender, requests } = await blueBubbles();
    expect(await sender.send(text(GROUP))).toEqual({ kind: 'accepted', chat: GROUP });
    expect(requests).toMatchObject([
      INFO,
      { endpoint: `GET chat/${GROUP}` },
      { endpoint: 'POST message/text', body: { chatGuid: GROUP, method: 'apple-script' } },
    ]);
  });

  it('a group message is sent to the chat with the other prefix if the given one is missing', async () => {
    const { sender, addChat, actions } = await blueBubbles();
    addChat('any;+;chat777', ['+14155550111', '+14155550112']);
    expect(await sender.send(text('iMessage;+;chat777'))).toEqual({
      kind: 'accepted',
      chat: 'any;+;chat777',
    });
    expect(await sender.send(text(GROUP.replace('iMessage', 'any')))).toEqual({
      kind: 'accepted',
      chat: GROUP,
    });
    expect(actions().map(({ body }) => body.chatGuid)).toEqual(['any;+;chat777', GROUP]);
  });

  it('a group that BlueBubbles does not know is rejected', async () => {
    const { sender, endpoints } = await blueBubbles();
    expect(await sender.send(text('iMessage;+;chat000'))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'BlueBubbles has no chat with the guid iMessage;+;chat000.',
    });
    const lookups = ['GET chat/iMessage;+;chat000', 'GET chat/any;+;chat000'];
    expect(endpoints()).toEqual([INFO.endpoint, ...lookups]);
  });

  it('a file is sent under its name', async () => {
    const { sender, addChat, requests } = await blueBubbles();
    const chat = `iMessage;-;${ANN}`;
    addChat(chat);
    const sending = photo(ANN);
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat });
    expect(requests.at(-1)).toEqual({
      endpoint: 'POST message/attachment',
      body: { chatGuid: chat, name: 'a photo.heic', tempGuid: sending.attemptId, method: 'apple-script' },
      file: { name: 'a photo.heic', content: 'pixels' },
    });
  });

  it('a file for a recipient without a chat is sent to the guid of the future chat', async () => {
    const { sender, requests } = await blueBubbles();
    expect(await sender.send(photo(ANN, 'sms'))).toEqual({ kind: 'accepted' });
    expect(requests.at(-1)).toMatchObject({
      endpoint: 'POST message/attachment',
      body: { chatGuid: `SMS;-;${ANN}`, method: 'apple-script' },
    });
  });

  it('the path of the server URL is a prefix of every request path', async () => {
    const { url } = await blueBubbles({ folder: '/bridge' });
    const sender = blueBubblesSender({ url: `${url}/`, password: PASSWORD });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'accepted' });
  });

  it('the id of the attempt is the temporary guid of each message', async () => {
    const { sender, actions } = await blueBubbles();
    const sendings = [text(GROUP), text(GROUP)];
    await Promise.all(sendings.map((sending) => sender.send(sending)));
    const used = actions().map(({ body }) => body.tempGuid);
    expect(used.sort()).toEqual(sendings.map(({ attemptId }) => attemptId).sort());
  });

  it('parallel messages share one request for the state of the server', async () => {
    const { sender, endpoints } = await blueBubbles();
    await Promise.all([sender.send(text(GROUP)), sender.send(text(GROUP)), sender.probe()]);
    await sender.send(text(GROUP));
    expect(endpoints().filter((endpoint) => endpoint === INFO.endpoint)).toHaveLength(1);
  });
});

describe('messages by the AppleScript method of BlueBubbles on macOS 26', () => {
  it('a text and a file are sent to the handle, not to the chat, with an unknown outcome', async () => {
    const { sender, addChat, messages, requests } = await blueBubbles({ macos: '26.1' });
    const chat = `any;-;${ANN}`;
    addChat(chat);
    for (const sending of [text(ANN), photo(ANN)]) {
      expect(await sender.send(sending)).toEqual({
        kind: 'unknown',
        problem: 'BlueBubbles returned status 500: Failed to send message! See attached message error code.',
      });
    }
    expect(requests).toMatchObject([
      INFO,
      { endpoint: 'POST message/text', body: { chatGuid: `iMessage;-;${ANN}`, method: 'apple-script' } },
      {
        endpoint: 'POST message/attachment',
        body: { chatGuid: `iMessage;-;${ANN}`, method: 'apple-script' },
      },
    ]);
    expect([...messages.messages.values()]).toEqual([chat, chat]);
  });

  it('a group message is rejected before any request that sends', async () => {
    const { sender, addChat, endpoints } = await blueBubbles({ macos: '26.1' });
    for (const group of ['any;+;chat777', 'any;+;6f1c0a7e', GROUP]) {
      addChat(group);
      const outcome = await sender.send(text(group));
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'unsupported' });
      expect(outcome).toMatchObject({ problem: expect.stringContaining('Private API') });
    }
    expect(endpoints()).toEqual([INFO.endpoint]);
  });
});

describe('a rejected message', () => {
  it('a wrong password is rejected and not shown in the problem', async () => {
    const { url, requests } = await blueBubbles();
    for (const password of ['wrong', 'öä ü&', '401']) {
      const outcome = await blueBubblesSender({ url, password }).send(text(ANN));
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'permission_denied' });
      expect(outcome).toMatchObject({ problem: expect.stringContaining('rejects the password') });
      expect(JSON.stringify(outcome)).not.toContain(password);
    }
    expect(requests).toEqual([]);
  });

  it('a refused connection is a rejection, for the chat lookup and for the message', async () => {
    const { sender, url, close } = await blueBubbles();
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
    const { sender } = await blueBubbles();
    expect(await sender.send(text(GROUP, ''))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: "BlueBubbles returned status 400: A 'message' is required when sending via AppleScript",
    });
  });

  it('a missing file is a rejection', async () => {
    const { sender, endpoints } = await blueBubbles();
    const content = { kind: 'file', path: '/nonexistent/photo.heic' } as const;
    expect(await sender.send(sendingTo(GROUP, content))).toMatchObject({
      kind: 'rejected',
      code: 'device_error',
      problem: expect.stringContaining('Cannot read the file'),
    });
    expect(endpoints().filter((endpoint) => endpoint.startsWith('POST'))).toEqual([]);
  });

  it('a recipient with shell characters is rejected', async () => {
    const { sender, endpoints } = await blueBubbles();
    const unsafe = [
      'iMessage;+;"; do shell script "true',
      'iMessage;+;$(true)',
      '`true`@example.com',
      '..',
      '',
    ];
    for (const to of unsafe) {
      expect(await sender.send(text(to))).toMatchObject({ kind: 'rejected', code: 'device_error' });
    }
    expect(endpoints()).toEqual([]);
  });

  it('a failed chat lookup is a rejection', async () => {
    const { sender, behave, endpoints } = await blueBubbles({}, { timeoutMs: IMPATIENT_MS });
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
    const { sender, behave, url } = await blueBubbles();
    const elsewhere = await blueBubbles();
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
    const { sender, behave } = await blueBubbles();
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
    const { sender, behave } = await blueBubbles();
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
    const { sender, behave } = await blueBubbles({}, { timeoutMs: IMPATIENT_MS });
    behave('POST message/text', { kind: 'silence' });
    expect(await sender.send(text(GROUP))).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining(`no response within ${IMPATIENT_MS} ms`),
    });
  });

  it('a broken connection has an unknown outcome', async () => {
    const { sender, behave, url } = await blueBubbles();
    behave('POST message/text', { kind: 'break' });
    expect(await sender.send(text(GROUP))).toEqual({
      kind: 'unknown',
      problem: `BlueBubbles at ${url}: UND_ERR_SOCKET`,
    });
  });

  it.each([200, 502, 524])('a response of a proxy with status %i has an unknown outcome', async (status) => {
    const { sender, behave } = await blueBubbles();
    behave('POST message/text', { kind: 'html', status });
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'unknown' });
  });
});

describe('the password', () => {
  it('no problem contains the password, even if the server or the network quotes it', async () => {
    const quoted = [PASSWORD, encodeURIComponent(PASSWORD), `${new URLSearchParams({ password: PASSWORD })}`];
    const { sender, behave, url } = await blueBubbles();
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
