/** Tests group messages, actions and signals of `homing device` against a real broker, also after kills of both. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type DeviceProcess, startDeviceProcess } from '../support/device-process.ts';
import { type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { type Client, clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const ANNA = '+14155550100';
const BEN = 'ben@example.org';

let homing: HomingProcess;
let client: Client;
let folder: string;
let nextNumber = 1;
const running: DeviceProcess[] = [];

beforeAll(async () => {
  homing = await startHoming({ HOMING_LEASE_SECONDS: '1' });
  client = clientFor(homing.url, homing.liveKey);
  folder = mkdtempSync(join(tmpdir(), 'homing-device-actions-'));
});
afterEach(async () => {
  for (const device of running) device.signal('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(async () => {
  await homing.dispose();
  rmSync(folder, { recursive: true });
});

async function pair() {
  const number = `+141555507${String(nextNumber++).padStart(2, '0')}`;
  const { json } = await homing.cli('pair', number, '--json');
  return { number, token: json[0].token as string };
}

async function connected(token: string, ...args: string[]): Promise<DeviceProcess> {
  const device = startDeviceProcess(homing, '--token', token, ...args);
  running.push(device);
  await device.frame('in', 'welcome');
  return device;
}

async function send(from: string, fields: object): Promise<string> {
  const { status, body } = await client.post('/v1/messages/send', { from, content: 'Hi', ...fields });
  expect(status).toBe(202);
  return body.id;
}

const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
const untilDelivered = (id: string) =>
  until(`${id} to be delivered`, async () => (await message(id)).status === 'delivered');
const reactionsOf = async (id: string) =>
  (await message(id)).reactions.map(({ reaction }: { reaction: string }) => reaction);

async function react(id: string, reaction: string): Promise<void> {
  const { status } = await client.post(`/v1/messages/${id}/reactions`, { reaction });
  expect(status).toBe(202);
}

/** Returns the ids of the actions that the journal has carried out, one for each time. */
function carriedOut(journal: string): string[] {
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"reported"') && line.includes('"state":"sent"'))
    .flatMap((line) => JSON.parse(line).report.action ?? []);
}

it('homing device delivers a group message, and the next one names the group of its report', async () => {
  const { number, token } = await pair();
  const device = await connected(token);
  const first = await send(number, { to: [ANNA, BEN], content: 'One' });
  await untilDelivered(first);
  const second = await send(number, { to: [ANNA, BEN], content: 'Two' });
  await untilDelivered(second);
  const [one, two] = device.items('in', 'deliver');
  expect(one).toMatchObject({ text: 'One', participants: [ANNA, BEN].toSorted() });
  const { chat } = device.items('out', 'report').find(({ state }) => state === 'sent');
  expect(chat).toMatch(/^iMessage;\+;device/);
  expect(two).toMatchObject({ text: 'Two', chat });
});

it('homing device carries out reactions, edits and unsending in the order of the conversation', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  await react(id, 'love');
  const device = await connected(token);
  await until('the reaction', async () => (await reactionsOf(id)).length === 1);
  await client.request('PATCH', `/v1/messages/${id}`, { body: { content: 'Edited' } });
  await until('the edit', async () => (await message(id)).content === 'Edited');
  expect((await client.post(`/v1/messages/${id}/unsend`, undefined)).status).toBe(202);
  await until('the retraction', async () => (await message(id)).unsent_at !== null);
  const actions = device.items('in', 'act');
  expect(actions.map(({ kind, value }) => [kind, value])).toEqual([
    ['react', 'love'],
    ['edit', 'Edited'],
    ['unsend', undefined],
  ]);
  for (const action of actions.slice(1)) expect(action.guid).toBe(`device-${id}`);
});

it('homing device reports a failed action, and the message stays as it was', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  const first = await connected(token);
  await untilDelivered(id);
  first.signal('SIGKILL');
  await first.ended;
  await react(id, 'love');
  const device = await connected(token, '--fail', 'device_error');
  await device.frame('in', 'ack');
  expect(device.items('out', 'report')).toMatchObject([{ state: 'failed', error: { code: 'device_error' } }]);
  expect(await reactionsOf(id)).toEqual([]);
});

it('homing device --capabilities names what the device supports, and the broker rejects the rest', async () => {
  const { number, token } = await pair();
  const device = await connected(token, '--capabilities', 'reactions');
  expect(device.frames[0].capabilities).toEqual([
    'imessage',
    'sms',
    'media',
    'reactions',
    'journal',
    'delivery',
  ]);
  const rejected = await client.post('/v1/messages/send', {
    from: number,
    to: ANNA,
    content: 'x',
    effect: 'slam',
  });
  expect([rejected.status, rejected.body.error.code]).toEqual([409, 'not_supported_by_device']);
  const id = await send(number, { to: ANNA });
  await react(id, 'like');
  await until('the reaction', async () => (await reactionsOf(id)).length === 1);
});

it('homing device prints typing, and reports typing and reactions of standard input', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  const device = await connected(token);
  await untilDelivered(id);
  const { body } = await client.get(`/v1/conversations?phone_number=${encodeURIComponent(number)}`);
  const path = `/v1/conversations/${body.conversations[0].id}`;
  expect((await client.post(`${path}/typing`, { state: 'start' })).status).toBe(202);
  expect(await device.frame('in', 'signal')).toMatchObject({ kind: 'typing', state: 'start', to: ANNA });
  device.type(JSON.stringify({ from: ANNA, typing: 'start' }));
  await device.frame('in', 'ack', ({ of }) => of === 'inbound');
  device.type(JSON.stringify({ from: ANNA, reaction: { of: `device-${id}`, kind: 'laugh' } }));
  await until('the reaction', async () => (await reactionsOf(id)).length === 1);
  const { body: list } = await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`);
  expect(list.messages).toEqual([]);
});

it('an action is carried out once after kills of broker and device before it was carried out', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  const journal = join(folder, 'before.jsonl');
  const first = await connected(token, '--journal', journal);
  await untilDelivered(id);
  first.signal('SIGTERM');
  await first.ended;
  const second = await connected(token, '--journal', journal, '--delay', '3600000');
  await react(id, 'love');
  const [action] = (await second.frame('in', 'act')).items;
  second.signal('SIGKILL');
  await Promise.all([second.ended, homing.kill()]);
  expect(carriedOut(journal)).toEqual([]);
  await homing.restart();
  await connected(token, '--journal', journal);
  await until('the reaction', async () => (await reactionsOf(id)).length === 1);
  expect(carriedOut(journal)).toEqual([action.action]);
  expect(await reactionsOf(id)).toEqual(['love']);
});

it('an action is carried out once after kills of broker and device before its report arrived', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  const journal = join(folder, 'after.jsonl');
  const first = await connected(token, '--journal', journal);
  await untilDelivered(id);
  first.signal('SIGTERM');
  await first.ended;
  const second = await connected(token, '--journal', journal, '--delay', '8000');
  await react(id, 'love');
  const [action] = (await second.frame('in', 'act')).items;
  await homing.kill();
  await until('the action', () => carriedOut(journal).length > 0, 30_000);
  second.signal('SIGKILL');
  await second.ended;
  await homing.restart();
  expect(await reactionsOf(id)).toEqual([]);
  const third = await connected(token, '--journal', journal);
  await until('the reaction', async () => (await reactionsOf(id)).length === 1);
  // A lease that expired meanwhile delivers the action again; the journal answers.
  await until('the end of the lease', async () => third.items('out', 'report').length > 0);
  expect(carriedOut(journal)).toEqual([action.action]);
  expect(await reactionsOf(id)).toEqual(['love']);
});

it('homing device without --json prints actions and signals as readable lines', async () => {
  const { number, token } = await pair();
  const id = await send(number, { to: ANNA });
  await react(id, 'love');
  const { status, stdout } = await runCli(['device', '--url', homing.url, '--token', token, '--once', '2']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^← act: act_\w+ react “love”$/m);
  expect(stdout).toMatch(/^→ report \d+: .*act_\w+ sent/m);
});
