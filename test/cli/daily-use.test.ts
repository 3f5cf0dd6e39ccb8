/** Tests the commands of daily use against a local data folder with a running broker, and against a remote broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { hello, openSocket } from '../support/raw-device.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const OWN = '+14155550199';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const LOCAL_TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

let homing: HomingProcess;
let receiver: Receiver;
beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  await homing.cli('pair', OWN, '--name', 'Office Mac', '--json');
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver?.close();
  await homing?.dispose();
});

function done(result: CliResult): CliResult {
  expect(result.status, result.stderr).toBe(0);
  return result;
}

describe.each(['local', 'remote'])('with a %s broker', (kind) => {
  const run = (args: readonly string[], env: Record<string, string> = {}, key = homing.liveKey) =>
    kind === 'local'
      ? runCli(args, { ...homing.database.settings, HOMING_ALLOW_PRIVATE_URLS: '1', ...env })
      : runCli(args, { HOMING_URL: homing.url, HOMING_KEY: key, ...env });
  const json = async (...args: string[]) => {
    const result = done(await run([...args, '--json']));
    expect(result.stderr).toBe('');
    return result.json;
  };

  it('homing send --at schedules a message, and homing cancel cancels it', async () => {
    const [sent] = await json('send', '+14155550101', 'Later', '--at', '+2h');
    const { body } = await clientFor(homing.url, homing.liveKey).get(`/v1/messages/${sent.id}`);
    expect(Date.parse(body.send_at) - Date.parse(body.created_at)).toBeGreaterThan(7_100_000);
    expect(await json('cancel', sent.id)).toEqual([
      expect.objectContaining({ id: sent.id, status: 'failed', error_code: 'cancelled' }),
    ]);
    const readable = done(await run(['send', '+14155550101', 'Later', '--at', '+2h']));
    expect(readable.stderr).toMatch(
      new RegExp(`^Scheduled msg_\\w+ for ${LOCAL_TIME}. Cancel it with: npx homing cancel msg_\\w+\\n$`),
    );
    const id = /msg_\w+/.exec(readable.stderr)?.[0] ?? '';
    expect(done(await run(['cancel', id])).stderr).toBe(`${id} is cancelled.\n`);

    const wrong = await run(['send', '+14155550101', 'Later', '--at', 'soon']);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("--at was given 'soon'; allowed:"),
    ]);
    const unknown = await run(['cancel', 'msg_01m7ypkdxffkmb6tyeck3vccad']);
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('not found')]);
  });

  it('homing send and homing messages show why a message waits', async () => {
    const [sent] = await json('send', '+14155550109', 'Waits');
    const waiting = { until: null, reason: 'no_device', message: 'No device of the number is connected.' };
    expect(sent.waiting).toEqual(waiting);
    const [shown] = await json('messages', '--limit', '1');
    expect([shown.id, shown.waiting]).toEqual([sent.id, waiting]);
    const readable = done(await run(['messages', '--limit', '1'])).stdout;
    expect(readable).toMatch(/Waits\n {4}No device of the number is connected\.\n$/);
    const [scheduled] = await json('send', '+14155550109', 'Later', '--at', '+2h');
    expect(scheduled.waiting).toMatchObject({ until: expect.stringMatching(ISO_TIME), reason: 'scheduled' });
    for (const { id } of [sent, scheduled]) await json('cancel', id);
  });

  it('homing send --watch prints each status with its time', async () => {
    const environment = kind === 'local' ? ['--environment', 'test'] : [];
    const send = ['send', '+15005550012', 'Hi', '--watch', ...environment];
    const watched = done(await run([...send, '--json'], {}, homing.testKey)).json;
    const times = watched.map(({ at }: { at: string }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(watched.at(-1).status).toBe('delivered');
    // The sandbox delivers this message after 5 s.
    expect(times.at(-1)! - Date.parse(watched[0].created_at)).toBeGreaterThan(4_900);
    const { stdout } = done(
      await run(['send', '+15005550010', 'Hi', '--watch', ...environment], {}, homing.testKey),
    );
    expect(stdout).toMatch(new RegExp(`\\n${LOCAL_TIME}  delivered  \\+\\d+\\.\\d s\\n$`));
    const sent = await clientFor(homing.url, homing.testKey).get('/v1/messages?to=%2B15005550010&limit=1');
    const late = await run(['cancel', sent.body.messages[0].id, ...environment], {}, homing.testKey);
    expect([late.status, late.stderr]).toEqual([1, expect.stringMatching(/already (sent|delivered)/)]);
  });

  it('homing optouts records, lists and removes opt-outs', async () => {
    expect(await json('optouts', 'add', '+1 (415) 555-0102', '--reason', 'asked by phone')).toEqual([
      { recipient: '+14155550102', reason: 'asked by phone', created_at: expect.stringMatching(ISO_TIME) },
    ]);
    expect((await json('optouts', 'list')).map(({ recipient }) => recipient)).toEqual(['+14155550102']);
    expect(done(await run(['optouts', 'list'])).stdout).toMatch(
      new RegExp(`^RECIPIENT +REASON +SINCE\\n\\+14155550102 +asked by phone +${LOCAL_TIME}\\n$`),
    );
    const send = await run(['send', '+14155550102', 'Hi']);
    expect([send.status, send.stderr]).toEqual([1, expect.stringContaining('has opted out')]);
    expect(await json('optouts', 'remove', '+14155550102')).toEqual([
      { recipient: '+14155550102', removed: true },
    ]);
    expect(await json('optouts', 'list')).toEqual([]);
    expect((await run(['optouts', 'remove', '+14155550102'])).status).toBe(1);
    expect((await run(['optouts', 'add', 'Ada'])).status).toBe(2);
  });

  it('homing senders blocks, allows, lists and removes senders', async () => {
    const [blocked] = await json('senders', 'block', '+1 (415) 555-0103');
    expect(blocked).toEqual({
      id: expect.stringMatching(/^rul_[0-9a-z]{26}$/),
      ...{ handle: '+14155550103', action: 'block' },
      ...{ created_at: expect.stringMatching(ISO_TIME), updated_at: expect.stringMatching(ISO_TIME) },
    });
    expect(await json('senders', 'allow', '+14155550103')).toEqual([
      { ...blocked, action: 'allow', updated_at: expect.stringMatching(ISO_TIME) },
    ]);
    expect(done(await run(['senders', 'list'])).stdout).toMatch(
      new RegExp(`^SENDER +ACTION +SINCE\\n\\+14155550103 +allow +${LOCAL_TIME}\\n$`),
    );
    expect(await json('senders', 'remove', '+14155550103')).toEqual([
      { handle: '+14155550103', removed: true },
    ]);
    expect(await json('senders', 'list')).toEqual([]);
    expect((await run(['senders', 'remove', '+14155550103'])).status).toBe(1);
    expect((await run(['senders', 'block', 'Ada'])).status).toBe(2);
  });

  it('homing webhooks creates, tests, replays and deletes a webhook', async () => {
    const url = `${receiver.url}/${kind}`;
    const [created] = await json('webhooks', 'create', url, '--events', 'message.received', '--number', OWN);
    expect(created).toEqual({
      id: expect.stringMatching(/^wh_/),
      ...{ url, events: ['message.received'], phone_number: OWN, active: true },
      secret: expect.stringMatching(/^whsec_/),
      created_at: expect.stringMatching(ISO_TIME),
    });
    const { secret: _, ...listed } = created;
    expect(await json('webhooks', 'list')).toEqual([listed]);

    const [tested] = await json('webhooks', 'test', created.id);
    const delivered = await until('the delivery', async () => {
      const [one] = await json('webhooks', 'deliveries', created.id);
      return one.status === 'delivered' && one;
    });
    expect(delivered).toMatchObject({ event_id: tested.event_id, attempts: [{ status_code: 200 }] });
    await json('webhooks', 'replay', created.id, tested.event_id);
    expect(await json('webhooks', 'replay', created.id, '--since', '1h')).toEqual([
      { id: created.id, replayed: expect.any(Number) },
    ]);
    const requests = () => receiver.received.filter(({ path }) => path === `/hook/${kind}`).length;
    await until('the replayed event', () => requests() >= 2);

    const neither = await run(['webhooks', 'replay', created.id]);
    expect([neither.status, neither.stderr]).toEqual([2, expect.stringContaining('Select either one event')]);
    expect((await run(['webhooks', 'create', 'nonsense'])).status).toBe(2);
    expect((await run(['webhooks', 'create', url, '--events', 'message.eaten'])).status).toBe(2);
    expect(await json('webhooks', 'delete', created.id)).toEqual([{ id: created.id, deleted: true }]);
    expect(await json('webhooks', 'list')).toEqual([]);
    expect((await run(['webhooks', 'delete', created.id])).status).toBe(1);
  });

  it('homing status shows the broker, the devices, the queues, and why a message waits', async () => {
    const [sent] = await json('send', '+14155550103', 'Waits for a device');
    const [status] = await json('status');
    expect(status).toEqual({
      brokers: expect.any(Array),
      broker: {
        running: true,
        url: homing.url,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        uptime_seconds: kind === 'local' ? expect.any(Number) : null,
      },
      devices: [{ name: 'Office Mac', numbers: [OWN], online: false, last_seen_at: null }],
      numbers: [
        {
          ...{ phone_number: OWN, label: null, status: 'active', queued: 1 },
          next_message_at: expect.stringMatching(ISO_TIME),
          reason: null,
        },
      ],
      waiting: [
        {
          ...{ id: sent.id, from: OWN, to: '+14155550103', created_at: sent.created_at, until: null },
          ...{ reason: 'no_device', message: 'No device of the number is connected.' },
        },
      ],
      webhooks: {
        pending: kind === 'local' ? expect.any(Number) : null,
        oldest_pending_at: null,
        inactive: [],
      },
    });
    const { stdout } = done(await run(['status']));
    expect(stdout).toContain(`Broker: running at ${homing.url}, version `);
    expect(stdout).toMatch(new RegExp(`\\n${sent.id} +\\+14155550103 +${LOCAL_TIME} +unknown +No device`));
    await json('cancel', sent.id);
  });
});

it('homing status shows a connected device as online, and a stopped broker as not running', async () => {
  const own = await startHoming();
  try {
    const { json } = await own.cli('pair', OWN, '--name', 'Office Mac', '--json');
    const socket = await openSocket(own.url, json[0].token);
    socket.say(hello());
    const status = async () => (await own.cli('status', '--json')).json[0];
    await until('online', async () => (await status()).devices[0].online);
    socket.terminate();
    await own.stop();
    const stopped = await status();
    expect(stopped.broker).toEqual({ running: false, url: null, version: null, uptime_seconds: null });
    expect(stopped.devices[0]).toMatchObject({ name: 'Office Mac', online: false });
    const readable = await own.cli('status');
    expect([readable.status, readable.stdout]).toEqual([0, expect.stringMatching(/^Broker: not running; /)]);
  } finally {
    await own.dispose();
  }
});

it('a running broker asks the device to cancel a message that homing cancel cancelled', async () => {
  const own = await startHoming();
  try {
    const { json } = await own.cli('pair', OWN, '--json');
    const socket = await openSocket(own.url, json[0].token);
    socket.say(hello());
    await socket.next('welcome');
    const sent = (await own.cli('send', '+14155550104', 'Hi', '--json')).json[0];
    const { items } = await socket.next('deliver');
    expect((await own.cli('cancel', sent.id, '--json')).json[0]).toMatchObject({ status: 'polling' });
    expect(await socket.next('cancel')).toMatchObject({ message: sent.id, lease: items[0].lease });
    socket.terminate();
  } finally {
    await own.dispose();
  }
});

it('names replace numbers and ids, and colors depend on FORCE_COLOR and NO_COLOR', async () => {
  const recipient = '+15005550010';
  const client = clientFor(homing.url, homing.testKey);
  await client.post('/api/v1/contacts', { phone_number: recipient, name: 'Ada' });
  const run = (args: string[], env: Record<string, string>) =>
    runCli(args, { ...homing.database.settings, ...env });
  const send = ['send', recipient, 'Hi', '--watch', '--environment', 'test'];
  const colored = done(await run(send, { FORCE_COLOR: '1' })).stdout;
  expect(colored).toContain(`→ Ada (${recipient})`);
  expect(colored).toContain('\u001b[32mdelivered');
  const plain = done(await run(send, { NO_COLOR: '1' })).stdout;
  expect(plain).not.toContain('\u001b[');
  const piped = done(await run(send, {})).stdout;
  expect(piped).not.toContain('\u001b[');
  const zone = (TZ: string) => run(['messages', '--environment', 'test', '--limit', '1'], { TZ });
  const [utc, tokyo] = [(await zone('UTC')).stdout, (await zone('Asia/Tokyo')).stdout];
  expect(Date.parse(`${tokyo.slice(0, 19)}Z`) - Date.parse(`${utc.slice(0, 19)}Z`)).toBe(9 * 3_600_000);
});
