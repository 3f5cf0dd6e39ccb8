/** Tests the pace of a new number with default settings: dispatched messages, deferred messages and usage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type Client, clientFor, expectError, pairDevice } from '../../support/http-client.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const OWN = '+14155550188';
const HOUR = 3_600_000;

let homing: HomingProcess;
let live: Client;
let numberId: string;
let device: RawSocket;
/** Recipients of the messages that were dispatched to the device. */
const dispatched: string[] = [];

beforeAll(async () => {
  // An empty variable counts as not set.
  homing = await startHoming({
    HOMING_MESSAGES_PER_SECOND: '',
    HOMING_NEW_CONTACTS_PER_HOUR: '',
    HOMING_NEW_CONTACTS_PER_DAY: '',
  });
  live = clientFor(homing.url, homing.liveKey);
  const { token } = await pairDevice(homing, OWN);
  device = await openSocket(homing.url, token);
  device.say(hello({ numbers: [OWN], credit: 100 }));
  await device.next('welcome');
  [{ id: numberId }] = (await live.get('/v1/numbers')).body.numbers;
});
afterAll(() => homing?.dispose());

const contact = (n: number) => `+1415555${String(n).padStart(4, '0')}`;
const send = async (to: string, body: object = {}) => {
  const response = await live.post('/v1/messages/send', { to, from: OWN, content: 'Hi', ...body });
  expect(response.status, response.text).toBe(202);
  return response.body.id as string;
};
const usage = async () => (await live.get(`/v1/numbers/${numberId}/usage`)).body;
const setPace = (pace: object) => live.put(`/v1/numbers/${numberId}`, { pace });
const take = async () => {
  const { items } = await device.next('deliver');
  for (const { to } of items) dispatched.push(to);
};

describe('a new number', () => {
  it('has an empty usage', async () => {
    expect(await usage()).toEqual({
      id: numberId,
      phone_number: OWN,
      time_zone: 'UTC',
      limits: [
        { name: 'messages_per_second', window_seconds: 1, used: 0, limit: 1, remaining: 1 },
        { name: 'messages_per_minute', window_seconds: 60, used: 0, limit: null, remaining: null },
        { name: 'messages_per_day', window_seconds: 86_400, used: 0, limit: null, remaining: null },
        { name: 'new_contacts_per_hour', window_seconds: 3_600, used: 0, limit: 15, remaining: 15 },
        { name: 'new_contacts_per_day', window_seconds: 86_400, used: 0, limit: 15, remaining: 15 },
      ],
      ramp: { day: 1, ends_at: expect.any(String) },
      next_free_slot: { at: expect.any(String), reason: null, message: null },
      next_new_contact: { at: expect.any(String), reason: null, message: null },
      queued: 0,
    });
  });

  it('sends one message per second, and deferred messages have the reason and the expected time', async () => {
    await send(contact(1));
    await send(contact(2));
    const third = await send(contact(3));
    const { waiting } = (await live.get(`/v1/messages/${third}`)).body;
    expect(waiting).toMatchObject({ reason: 'messages_per_second', until: expect.any(String) });
    for (let n = 0; n < 3; n += 1) await take();
    expect(dispatched).toEqual([contact(1), contact(2), contact(3)]);
  });

  it('sends to 15 new contacts in its first hour and defers the next', async () => {
    await setPace({ messages_per_second: 0 });
    for (let n = 4; n <= 15; n += 1) await send(contact(n));
    while (dispatched.length < 15) await take();
    const next = await send(contact(16));
    const { waiting } = await until('the deferral', async () => {
      const { body } = await live.get(`/v1/messages/${next}`);
      return body.waiting?.reason === 'new_contacts_per_day' && body;
    });
    expect(Date.parse(waiting.until) - Date.now()).toBeGreaterThan(23 * HOUR);
    const { next_new_contact, queued, limits } = await usage();
    expect(next_new_contact).toMatchObject({
      reason: 'new_contacts_per_day',
      message: expect.stringContaining('new contacts'),
    });
    expect(queued).toBe(1);
    expect(limits[3]).toMatchObject({ used: 15, remaining: 0 });
    // Messages to known contacts are not deferred by this limit.
    await send(contact(1));
    await take();
    expect(dispatched.at(-1)).toBe(contact(1));
  });

  it('sends a deferred message after a reply of its recipient', async () => {
    const item = { guid: 'g-16', from: contact(16), to: OWN, service: 'iMessage', text: 'Hi', media: [] };
    device.say({
      type: 'inbound',
      seq: 1,
      items: [{ ...item, sent_at: new Date().toISOString(), from_me: false }],
    });
    await take();
    expect(dispatched.at(-1)).toBe(contact(16));
  });

  it('sends deferred messages when its limits are removed', async () => {
    await send(contact(17));
    await until('the deferral', async () => (await usage()).next_new_contact.reason);
    expect((await setPace({ new_contacts_per_hour: 0, new_contacts_per_day: 0 })).status).toBe(200);
    await take();
    expect(dispatched.at(-1)).toBe(contact(17));
  });

  it('dispatches high-priority messages first, but in order for the same recipient', async () => {
    await setPace({ messages_per_day: 1, ramp: false });
    const ids = [
      await send(contact(1)),
      await send(contact(2)),
      await send(contact(2), { priority: 'high' }),
      await send(contact(3), { priority: 'high' }),
    ];
    expect((await live.get(`/v1/messages/${ids[3]}`)).body).toMatchObject({
      priority: 'high',
      waiting: { reason: 'messages_per_day' },
    });
    const before = dispatched.length;
    await setPace({ messages_per_day: 0 });
    while (dispatched.length < before + 4) await take();
    expect(dispatched.slice(before)).toEqual([2, 2, 3, 1].map(contact));
  });

  it('defers messages in its quiet hours until their end', async () => {
    const clock = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16);
    const to = clock(HOUR);
    await setPace({ quiet_hours: { from: clock(-HOUR), to } });
    const id = await send(contact(1));
    const { waiting } = (await live.get(`/v1/messages/${id}`)).body;
    expect(waiting).toMatchObject({ reason: 'quiet_hours' });
    expect(waiting.until.slice(11, 16)).toBe(to);
    expect((await usage()).next_free_slot).toMatchObject({ at: waiting.until, reason: 'quiet_hours' });
    await setPace({ quiet_hours: null });
    await take();
  });

  it('preserves its pace and its usage across a restart', async () => {
    const before = (await usage()).limits[2];
    await homing.stop();
    await homing.restart();
    const { limits } = await usage();
    expect(limits[2]).toEqual(before);
    expect(limits[0]).toMatchObject({ limit: null });
    // null restores the broker's default.
    await setPace({ messages_per_second: null });
    expect((await usage()).limits[0]).toMatchObject({ limit: 1 });
  });
});

describe('PUT /v1/numbers/:id with an invalid pace', () => {
  it.each([
    ['a limit below 0', { messages_per_second: -1 }, 'pace.messages_per_second'],
    ['a limit that is not a number', { new_contacts_per_day: 'many' }, 'pace.new_contacts_per_day'],
    ['an unknown time zone', { time_zone: 'Mars/Olympus' }, 'pace.time_zone'],
    ['quiet hours without an end', { quiet_hours: { from: '22:00' } }, 'pace.quiet_hours.to'],
    ['an invalid time', { quiet_hours: { from: '25:00', to: '08:00' } }, 'pace.quiet_hours.from'],
    ['quiet hours that never end', { quiet_hours: { from: '08:00', to: '08:00' } }, 'pace.quiet_hours'],
    ['an empty list of windows', { weekly_windows: [] }, 'pace.weekly_windows'],
    [
      'an unknown day',
      { weekly_windows: [{ days: ['funday'], from: '08:00', to: '09:00' }] },
      'pace.weekly_windows.0.days.0',
    ],
  ])('returns 400 for %s', async (_, pace, param) => {
    expectError(await setPace(pace), 400, 'invalid_request', param);
  });

  it('returns 404 for the usage of an unknown number', async () => {
    expectError(await live.get('/v1/numbers/num_01m7ypkdxffkmb6tyeck3vccad/usage'), 404, 'not_found');
  });
});

describe('homing numbers pace', () => {
  const pace = (...args: string[]) => homing.cli('numbers', 'pace', OWN, ...args);

  it('prints the usage and sets a pace that applies immediately', async () => {
    const json = await pace('--set', 'messages_per_minute=20', '--set', 'quiet_hours=22:00-08:00', '--json');
    expect(json.status, json.stderr).toBe(0);
    expect(json.json[0].limits[1]).toMatchObject({ name: 'messages_per_minute', limit: 20 });
    expect((await usage()).limits[1]).toMatchObject({ limit: 20 });
    const plain = await pace(
      '--set',
      'weekly_windows=mon,tue 09:00-17:00; sat 10:00-12:00',
      '--set',
      'ramp=off',
    );
    expect(plain.stdout).toMatch(/^LIMIT +USED +MAXIMUM +REMAINING\nmessages_per_second/);
    expect(plain.stderr).toContain('Next message: ');
    await pace(
      '--set',
      'weekly_windows=none',
      '--set',
      'quiet_hours=none',
      '--set',
      'messages_per_minute=default',
    );
    expect((await usage()).next_free_slot.reason).not.toBe('outside_windows');
    expect((await usage()).limits[1]).toMatchObject({ limit: null });
  });

  it.each([
    ['speed=5', 'allowed: messages_per_second'],
    ['messages_per_second', 'allowed: messages_per_second'],
    ['messages_per_second=many', "'pace.messages_per_second' must be"],
    ['quiet_hours=late', "'pace.quiet_hours.from' must be"],
    ['ramp=perhaps', "'pace.ramp' must be"],
  ])('rejects --set %s', async (setting, message) => {
    const result = await pace('--set', setting);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain(message);
  });

  it('rejects an unknown number', async () => {
    const result = await homing.cli('numbers', 'pace', '+14155550000');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('+14155550000');
  });
});
