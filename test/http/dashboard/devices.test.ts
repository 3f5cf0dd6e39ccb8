/** Tests the numbers, devices and pairings of the dashboard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { openEventSource } from '../../support/event-source.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let owner: DashboardClient;
let member: DashboardClient;
let stranger: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  await createAccount(broker, 'other');
  owner = await signIn(broker);
  member = await signIn(broker, { role: 'member' });
  stranger = await signIn(broker, { account: 'other' });
});
afterAll(() => broker?.dispose());

const numberOf = async (phoneNumber: string) => {
  const { body } = await owner.get('/live/numbers');
  return body.numbers.find((number: { phoneNumber: string }) => number.phoneNumber === phoneNumber);
};

/** Pairs by the dashboard and exchanges the code, like a device. */
async function pair(phoneNumber: string, name = 'Desk Mac') {
  const { body: pairing } = await owner.post('/live/pairings', { phoneNumber, name, kind: 'mac' });
  const response = await fetch(`${broker.url}/relay/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: pairing.code }),
  });
  const { token } = (await response.json()) as { token: string };
  return { id: pairing.id as string, token };
}

describe('pairing', () => {
  it('POST /pairings returns the setup link with a QR code, a command and the steps', async () => {
    const request = { phoneNumber: '+14155550101', name: ' Office Mac ', kind: 'mac' };
    const { status, body } = await owner.post('/live/pairings', request);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^dev_/),
      kind: 'mac',
      phoneNumber: '+14155550101',
      name: 'Office Mac',
      setupUrl: `${broker.url}/setup-shortcut?token=${body.code}`,
      code: expect.stringMatching(/^dev_/),
      command: `npx homing relay pair '${body.setupUrl}'`,
      qrSvg: expect.stringMatching(/^<svg[\s\S]+<\/svg>\s*$/),
      expiresAt: expect.any(Number),
      isReachable: false,
      steps: expect.arrayContaining([expect.stringContaining('Terminal')]),
    });
    expect(body.expiresAt).toBeGreaterThan(Date.now());
    expect((await owner.get(`/live/pairings/${body.id}`)).body).toMatchObject({
      state: 'waiting',
      phoneNumber: '+14155550101',
      name: 'Office Mac',
      redeemedAt: null,
    });
    const phone = await owner.post('/live/pairings', { ...request, name: 'Phone', kind: 'iphone' });
    expect(phone.body).toMatchObject({ id: body.id, name: 'Phone', command: null, kind: 'iphone' });
  });

  it('the state of a pairing follows the device from its code to its connection', async () => {
    const { id, token } = await pair('+14155550102');
    expect((await owner.get(`/live/pairings/${id}`)).body).toMatchObject({
      state: 'paired',
      redeemedAt: expect.any(Number),
    });
    const socket = await openSocket(broker.url, token);
    socket.say(hello({ agent: 'homing-relay/0.0.1', platform: 'macos' }));
    await socket.next('welcome');
    expect((await owner.get(`/live/pairings/${id}`)).body.state).toBe('connected');
    socket.terminate();
  });

  it('a pairing without a valid code is expired', async () => {
    const request = { phoneNumber: '+14155550104', name: 'Mac', kind: 'mac' };
    const { body } = await owner.post('/live/pairings', request);
    const state = async () => (await owner.get(`/live/pairings/${body.id}`)).body.state;
    expect(await state()).toBe('waiting');
    await rowsOf(broker, 'UPDATE pairings SET expires_at = 1 WHERE device_id = ?', body.id.slice(4));
    expect(await state()).toBe('expired');
    await rowsOf(broker, 'DELETE FROM pairings WHERE device_id = ?', body.id.slice(4));
    expect(await state()).toBe('expired');
  });

  it.each([
    ['phoneNumber', { phoneNumber: '12', name: 'Mac', kind: 'mac' }],
    ['name', { phoneNumber: '+14155550103', name: '  ', kind: 'mac' }],
    ['kind', { phoneNumber: '+14155550103', name: 'Mac', kind: 'fax' }],
  ])('POST /pairings returns 400 for an invalid %s', async (param, body) => {
    const response = await owner.post('/live/pairings', body);
    expect(response.status, response.text).toBe(400);
    expect(response.body.error).toMatchObject({ code: 'invalid_request', param });
  });

  it('POST /pairings returns 400 in the sandbox, and 403 without the role owner', async () => {
    const body = { phoneNumber: '+14155550103', name: 'Mac', kind: 'mac' };
    expect((await owner.post('/test/pairings', body)).status).toBe(400);
    expect((await member.post('/live/pairings', body)).status).toBe(403);
  });
});

describe('numbers and devices', () => {
  it('GET /numbers lists the devices with their health and problems', async () => {
    const { id, token } = await pair('+14155550110');
    expect(await numberOf('+14155550110')).toMatchObject({
      state: 'offline',
      isVerified: true,
      queued: 0,
      devices: [{ id, isOnline: false, problems: [{ code: 'never_connected' }] }],
    });
    const socket = await openSocket(broker.url, token);
    socket.say(hello({ agent: 'homing-relay/0.0.1', platform: 'macos' }));
    await socket.next('welcome');
    const clock = new Date(Date.now() - 600_000).toISOString();
    socket.say({ type: 'health', full_disk_access: false, battery: 'full', queue: 3, os: 'macos', clock });
    const number = await until('the health report', async () => {
      const found = await numberOf('+14155550110');
      return found.devices[0].health === null ? undefined : found;
    });
    expect(number).toMatchObject({ state: 'online', status: 'active' });
    expect(number.devices).toEqual([
      {
        ...{ id, name: 'Desk Mac', platform: 'macos', agent: 'homing-relay/0.0.1', agentVersion: '0.0.1' },
        ...{ isOnline: true, transport: 'websocket', capabilities: ['imessage', 'journal'] },
        ...{ lastSeenAt: expect.any(Number), createdAt: expect.any(Number) },
        health: {
          ...{
            at: expect.any(Number),
            hasFullDiskAccess: false,
            hasAutomation: null,
            isMessagesRunning: null,
          },
          ...{ isSignedIn: null, batteryPercent: null, queued: 3, os: 'macos', asleepSince: null },
          ...{ slept: null, sleepMinutes: null, isNumberInUse: null },
          clockOffsetMs: expect.any(Number),
        },
        problems: [
          expect.objectContaining({ code: 'full_disk_access', severity: 'error' }),
          expect.objectContaining({
            code: 'clock_wrong',
            message: expect.stringContaining('10 minutes behind'),
          }),
          expect.objectContaining({ code: 'agent_outdated', severity: 'warning' }),
        ],
      },
    ]);
    socket.terminate();
    await until('the disconnect', async () => !(await numberOf('+14155550110')).devices[0].isOnline);
  });

  it('a connect, a health report and a disconnect appear in the stream of open dashboards', async () => {
    const { token } = await pair('+14155550116');
    const url = `${broker.url}/dashboard/api/live/events`;
    const source = await openEventSource(url, '', { cookie: owner.cookie });
    const arrived = () =>
      until('the topic', () => {
        const found = source.events.some(({ data }) => data.topics?.includes('devices'));
        if (found) source.events.length = 0;
        return found;
      });
    const socket = await openSocket(broker.url, token);
    socket.say(hello());
    await socket.next('welcome');
    await arrived();
    socket.say({ type: 'health' });
    await arrived();
    socket.terminate();
    await arrived();
    source.close();
  });

  it('PATCH /devices/:id renames, and POST /devices/:id/revoke disconnects and hides the device', async () => {
    const { id, token } = await pair('+14155550111');
    expect((await owner.patch(`/live/devices/${id}`, { name: 'Kitchen' })).body.name).toBe('Kitchen');
    const socket = await openSocket(broker.url, token);
    socket.say(hello());
    await socket.next('welcome');
    expect((await owner.post(`/live/devices/${id}/revoke`)).status).toBe(204);
    expect(await socket.closed).toBe(4401);
    expect((await numberOf('+14155550111')).devices).toEqual([]);
    expect((await owner.post(`/live/devices/${id}/revoke`)).status).toBe(404);
    expect((await owner.get(`/live/pairings/${id}`)).status).toBe(404);
  });

  it('PATCH /numbers/:id changes label, status and pace, and GET /numbers/:id/usage shows the pace', async () => {
    await pairDevice(broker, '+14155550112');
    const { id } = await numberOf('+14155550112');
    const pace = {
      messagesPerDay: 10,
      ramp: true,
      timeZone: 'Europe/Vienna',
      quietHours: { from: '22:00', to: '07:30' },
      weeklyWindows: [{ days: ['mon', 'fri'], from: '09:00', to: '17:00' }],
    };
    const changed = await owner.patch(`/live/numbers/${id}`, { label: ' Shop ', status: 'paused', pace });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toMatchObject({ id, label: 'Shop', status: 'paused', state: 'paused' });
    const { body: usage } = await member.get(`/live/numbers/${id}/usage`);
    expect(usage).toMatchObject({
      id,
      phoneNumber: '+14155550112',
      ramp: { day: 1, days: 7, endsAt: expect.any(Number) },
      pace,
      own: pace,
      queued: 0,
    });
    expect(usage.limits).toContainEqual({
      ...{ name: 'messages_per_day', of: 'messages', windowSeconds: 86_400 },
      ...{ used: 0, limit: 3, remaining: 3 },
    });
    expect(usage.nextMessage).toEqual(
      usage.nextMessage.reason === null
        ? { at: expect.any(Number), reason: null, message: null }
        : { at: expect.any(Number), reason: expect.any(String), message: expect.any(String) },
    );
    const reset = { label: '', pace: { quietHours: null, weeklyWindows: null, messagesPerDay: null } };
    expect((await owner.patch(`/live/numbers/${id}`, reset)).body.label).toBeNull();
    const { own } = (await owner.get(`/live/numbers/${id}/usage`)).body;
    expect(own).toEqual({ ramp: true, timeZone: 'Europe/Vienna' });
  });

  it.each([
    ['pace.quietHours', { pace: { quietHours: { from: '22:00', to: '22:00' } } }],
    ['pace.messagesPerDay', { pace: { messagesPerDay: -1 } }],
    ['pace.timeZone', { pace: { timeZone: 'Mars' } }],
    ['status', { status: 'off' }],
  ])('PATCH /numbers/:id returns 400 for an invalid %s', async (param, body) => {
    await pairDevice(broker, '+14155550113');
    const { id } = await numberOf('+14155550113');
    const response = await owner.patch(`/live/numbers/${id}`, body);
    expect(response.body.error).toMatchObject({ code: 'invalid_request', param });
  });

  it('DELETE /numbers/:id removes the number', async () => {
    await pairDevice(broker, '+14155550114');
    const { id } = await numberOf('+14155550114');
    expect((await owner.delete(`/live/numbers/${id}`)).status).toBe(204);
    expect(await numberOf('+14155550114')).toBeUndefined();
    expect((await owner.delete(`/live/numbers/${id}`)).status).toBe(404);
  });

  it('the ids of another account return 404 and change nothing', async () => {
    const { id: deviceId } = await pair('+14155550115', 'Mine');
    const { id } = await numberOf('+14155550115');
    const responses = await Promise.all([
      stranger.patch(`/live/numbers/${id}`, { label: 'x' }),
      stranger.delete(`/live/numbers/${id}`),
      stranger.get(`/live/numbers/${id}/usage`),
      stranger.patch(`/live/devices/${deviceId}`, { name: 'x' }),
      stranger.post(`/live/devices/${deviceId}/revoke`),
      stranger.get(`/live/pairings/${deviceId}`),
      owner.patch(`/test/devices/${deviceId}`, { name: 'x' }),
      owner.get('/live/numbers/x/usage'),
    ]);
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 404));
    expect(await numberOf('+14155550115')).toMatchObject({ label: null, devices: [{ name: 'Mine' }] });
    expect((await stranger.get('/live/numbers')).body.numbers).toEqual([]);
    const taken = { phoneNumber: '+14155550115', name: 'Mac', kind: 'mac' };
    expect((await stranger.post('/live/pairings', taken)).status).toBe(409);
  });
});
