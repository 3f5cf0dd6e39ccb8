import { afterEach, describe, expect, it } from 'vitest';
import { blueBubblesSender } from '../../../relay-agent/senders/bluebubbles-sender.ts';
import { rankedSenders } from '../../../relay-agent/senders/ranked-senders.ts';
import type { Sender, Sending } from '../../../relay-agent/senders/sender.ts';
import {
  blueBubbles,
  cleanUp,
  GROUP,
  PASSWORD,
  PRIVATE_API,
} from '../../support/fake-mac/bluebubbles-sender.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';
import { until } from '../../support/until.ts';

const ANN = '+14155550101';
const IMPATIENT_MS = 2_000;

afterEach(cleanUp);

const text = (to = GROUP) => sendingTo(to, { kind: 'text', text: 'Hello' });
const gapsOf = async (sender: Sender) => (await sender.probe()).gaps.map(({ problem }) => problem);

describe('the state of a BlueBubbles server', () => {
  it('a server with its Private API has all capabilities but emoji reactions', async () => {
    const { sender, requests } = await blueBubbles(PRIVATE_API);
    expect(await sender.probe()).toEqual({
      isReady: true,
      version: '1.9.9',
      capabilities: [
        ...['groups', 'group_management', 'reactions', 'replies', 'effects', 'voice_notes', 'subject'],
        ...['typing', 'read_receipts', 'lookup', 'edit', 'unsend'],
      ],
      canCreateGroups: true,
      gaps: [],
    });
    expect(requests).toEqual([{ endpoint: 'GET server/info', body: {} }]);
  });

  it('a server without its Private API sends to persons and groups, and names the next step', async () => {
    const { sender } = await blueBubbles();
    expect(await sender.probe()).toEqual({
      isReady: true,
      version: '1.9.9',
      capabilities: ['groups'],
      canCreateGroups: false,
      gaps: [
        {
          problem: expect.stringContaining('The Private API of BlueBubbles is off'),
          fix: expect.stringContaining('Enable the Private API in the settings of BlueBubbles.'),
        },
      ],
    });
  });

  it('a helper that is not connected is a gap', async () => {
    const { sender } = await blueBubbles({ privateApi: true });
    expect(await sender.probe()).toMatchObject({
      isReady: true,
      capabilities: ['groups'],
      canCreateGroups: false,
      gaps: [{ problem: expect.stringContaining('its helper is not connected'), fix: expect.any(String) }],
    });
  });

  it('on macOS 26, a server without its Private API has no groups and ranks behind other senders', async () => {
    const { sender, switches } = await blueBubbles({ macos: '26.2' });
    expect(await sender.probe()).toMatchObject({
      isReady: false,
      version: '1.9.9',
      capabilities: [],
      canCreateGroups: false,
      gaps: [{}, { problem: expect.stringContaining('cannot send to groups on macOS 26') }],
    });
    Object.assign(switches, PRIVATE_API);
    const { isReady, capabilities, gaps } = await sender.probe();
    expect(isReady).toBe(true);
    expect(capabilities).toContain('groups');
    expect(gaps).toEqual([
      { problem: expect.stringContaining('edits and replies'), fix: expect.stringContaining('imsg') },
    ]);
  });

  it.each(['12.7.6', '10.15.7', 'unknown'])('macOS %s has no edits', async (macos) => {
    const { sender } = await blueBubbles({ ...PRIVATE_API, macos });
    const { capabilities, gaps } = await sender.probe();
    expect(capabilities).toContain('reactions');
    expect(capabilities).not.toContain('edit');
    expect(capabilities).not.toContain('unsend');
    expect(gaps).toMatchObject([{ problem: expect.stringContaining('edit or unsend') }]);
  });

  it('each probe follows the server through all its states', async () => {
    const { sender, switches, behave, close } = await blueBubbles();
    expect(await gapsOf(sender)).toMatchObject([expect.stringContaining('is off')]);
    switches.privateApi = true;
    expect(await gapsOf(sender)).toMatchObject([expect.stringContaining('helper is not connected')]);
    switches.helperConnected = true;
    expect(await gapsOf(sender)).toEqual([]);
    behave('GET server/info', { kind: 'error', status: 500, message: 'SQLITE_BUSY' });
    expect(await gapsOf(sender)).toEqual(['BlueBubbles returned status 500: SQLITE_BUSY']);
    await close();
    expect(await sender.probe()).toEqual({
      isReady: false,
      version: undefined,
      capabilities: [],
      canCreateGroups: false,
      gaps: [
        {
          problem: expect.stringMatching(/^BlueBubbles at http:\S+: (ECONNREFUSED|UND_ERR_SOCKET)$/),
          fix: 'Start the BlueBubbles server, and check the value of --bluebubbles-url.',
        },
      ],
    });
  });

  it('a wrong password is a gap that does not contain the password', async () => {
    const { url } = await blueBubbles();
    const state = await blueBubblesSender({ url, password: 'wrong&' }).probe();
    expect(state).toMatchObject({
      isReady: false,
      gaps: [
        {
          problem: expect.stringContaining('rejects the password (status 401)'),
          fix: expect.stringContaining('HOMING_RELAY_BLUEBUBBLES_PASSWORD'),
        },
      ],
    });
    expect(JSON.stringify(state)).not.toContain('wrong');
  });

  it('a program that is not BlueBubbles is a gap', async () => {
    const { url } = await blueBubbles();
    const { gaps } = await blueBubblesSender({ url: `${url}/elsewhere`, password: PASSWORD }).probe();
    expect(gaps).toEqual([
      {
        problem: `The server at ${url} is not BlueBubbles (status 404).`,
        fix: expect.stringContaining('--bluebubbles-url'),
      },
    ]);
  });

  it('parallel probes share one request', async () => {
    const { sender, requests } = await blueBubbles();
    await Promise.all([sender.probe(), sender.probe(), sender.probe()]);
    expect(requests).toHaveLength(1);
    await sender.probe();
    expect(requests).toHaveLength(2);
  });

  it('a message is rejected while the state cannot be read, and is sent afterwards', async () => {
    const { sender, behave, actions } = await blueBubbles();
    behave('GET server/info', { kind: 'break' });
    expect(await sender.send(text())).toMatchObject({ kind: 'rejected', code: 'device_error' });
    const change = { kind: 'leave_group', chat: GROUP } as const;
    expect(await sender.change?.(change)).toMatchObject({ kind: 'rejected', code: 'device_error' });
    expect(actions()).toEqual([]);
    behave('GET server/info', {
      kind: 'json',
      body: {
        status: 200,
        data: { os_version: '15.1', server_version: '1.9.9', private_api: false, helper_connected: false },
      },
    });
    expect(await sender.send(text())).toMatchObject({ kind: 'accepted' });
  });

  it('a message is sent by AppleScript at once if the helper is lost, and a rich message is rejected', async () => {
    const { sender, switches, actions } = await blueBubbles(PRIVATE_API);
    expect(await sender.send(text())).toMatchObject({ kind: 'accepted' });
    switches.helperConnected = false;
    expect(await sender.send(text())).toEqual({ kind: 'accepted', chat: GROUP });
    const methods = ['private-api', 'private-api', 'apple-script'];
    expect(actions().map(({ body }) => body.method)).toEqual(methods);
    switches.helperConnected = true;
    await sender.probe();
    switches.helperConnected = false;
    expect(await sender.send({ ...text(), subject: 'News' })).toMatchObject({
      kind: 'rejected',
      code: 'unsupported',
      problem: expect.stringContaining('helper is not connected'),
    });
  });

  it('a server that is lost after the helper rejects the message', async () => {
    const { sender, switches, behave, actions } = await blueBubbles(PRIVATE_API);
    await sender.probe();
    switches.helperConnected = false;
    behave('GET server/info', { kind: 'break' });
    expect(await sender.send(text())).toMatchObject({ kind: 'rejected', code: 'device_error' });
    expect(actions()).toHaveLength(1);
  });

  it('a change is rejected if the helper is lost, and the state is read again for the next one', async () => {
    const { sender, switches, endpoints } = await blueBubbles(PRIVATE_API);
    const change = { kind: 'leave_group', chat: GROUP } as const;
    await sender.probe();
    switches.helperConnected = false;
    expect(await sender.change?.(change)).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'BlueBubbles returned status 500: iMessage Private API Helper is not connected!',
    });
    expect(await sender.change?.(change)).toMatchObject({ kind: 'rejected', code: 'unsupported' });
    expect(endpoints()).toEqual(['GET server/info', `POST chat/${GROUP}/leave`, 'GET server/info']);
  });

  it('on macOS 26 without the Private API, another sender sends the texts if there is one', async () => {
    const { sender, actions } = await blueBubbles({ macos: '26.2' });
    const sent: Sending[] = [];
    const other: Sender = {
      name: 'osascript',
      probe: async () => ({ ...(await sender.probe()), isReady: true, gaps: [] }),
      async send(sending) {
        sent.push(sending);
        return { kind: 'accepted' };
      },
      close() {},
    };
    const senders = rankedSenders([sender, other]);
    await senders.probe();
    expect(await senders.send(text(ANN))).toEqual({ kind: 'accepted' });
    expect(sent).toHaveLength(1);
    expect(actions()).toEqual([]);
  });
});

describe('a hostile server', () => {
  const hostile = [
    ['silence', 'no response within'],
    ['drip', 'no response within'],
    ['huge', 'larger than 1048576 bytes'],
    ['break', 'UND_ERR_SOCKET'],
  ] as const;

  it.each(hostile)('the behaviour %s makes a probe return a gap', async (kind, problem) => {
    const { sender, behave } = await blueBubbles({}, { timeoutMs: IMPATIENT_MS });
    behave('GET server/info', { kind });
    expect(await gapsOf(sender)).toEqual([expect.stringContaining(problem)]);
  });

  it.each(hostile)('the behaviour %s gives a message an unknown outcome', async (kind, problem) => {
    const { sender, behave } = await blueBubbles(PRIVATE_API, { timeoutMs: IMPATIENT_MS });
    behave('POST message/text', { kind });
    expect(await sender.send(text())).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining(problem),
    });
  });

  it('a large response is not read to its end', async () => {
    const { sender, behave, openConnections } = await blueBubbles();
    behave('GET server/info', { kind: 'huge' });
    await sender.probe();
    await until('the connection to close', async () => (await openConnections()) === 0);
  });

  it.each([
    ['a text', 'private'],
    ['null', null],
    ['an empty object', {}],
    ['a list', [1]],
    ['wrong types', { os_version: 26, server_version: '1', private_api: 'yes', helper_connected: 1 }],
    [
      'a long version',
      { os_version: '9'.repeat(500), server_version: '1', private_api: true, helper_connected: true },
    ],
  ])('%s instead of the information makes the server unavailable', async (_, data) => {
    const { sender, behave, url } = await blueBubbles();
    behave('GET server/info', { kind: 'json', body: { status: 200, data } });
    expect(await sender.probe()).toMatchObject({
      isReady: false,
      gaps: [{ problem: `BlueBubbles at ${url} returned information in an unknown format.` }],
    });
  });

  it.each([
    ['no data', undefined],
    ['a guid of another type', { guid: 7, chats: [{ guid: GROUP }] }],
    ['an empty guid', { guid: '' }],
    ['a long guid', { guid: 'x'.repeat(10_000) }],
    ['chats of another type', { guid: 'G-1', chats: 'many' }],
  ])('%s in a response leaves the guid of the message out', async (_, data) => {
    const { sender, behave } = await blueBubbles(PRIVATE_API);
    behave('POST message/text', { kind: 'json', body: { status: 200, data } });
    expect(await sender.send(text())).toEqual({ kind: 'accepted', chat: GROUP });
  });

  it.each([[[]], [{ status: 500 }], ['"x"'], [{ status: '200', message: 'Success' }]])(
    'the body %o with status 200 is not a response of BlueBubbles',
    async (body) => {
      const { sender, behave } = await blueBubbles(PRIVATE_API);
      behave('POST message/text', { kind: 'json', body });
      expect(await sender.send(text())).toMatchObject({ kind: 'unknown' });
    },
  );

  it('a redirect of the probe is not followed', async () => {
    const { sender, behave, url } = await blueBubbles();
    const elsewhere = await blueBubbles();
    behave('GET server/info', { kind: 'redirect', to: `${elsewhere.url}/api/v1/server/info` });
    expect(await gapsOf(sender)).toEqual([`The server at ${url} is not BlueBubbles (status 301).`]);
    expect(elsewhere.requests).toEqual([]);
  });

  it('no gap contains the password or more than 500 characters', async () => {
    const { sender, behave } = await blueBubbles();
    const message = `${PASSWORD} ${encodeURIComponent(PASSWORD)} ${'x'.repeat(100_000)}`;
    behave('GET server/info', { kind: 'error', status: 500, message });
    const [problem = ''] = await gapsOf(sender);
    expect(problem.length).toBe(500);
    expect(problem).not.toContain(PASSWORD);
    expect(problem).not.toContain(encodeURIComponent(PASSWORD));
    behave('GET chat', { kind: 'error', status: 500, message });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'rejected', problem });
  });
});
