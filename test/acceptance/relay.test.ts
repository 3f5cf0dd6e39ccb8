/** Checks each guarantee of the relay protocol with single frames over real sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeDevice } from '../../broker/core/numbers/device-pairing.ts';
import { createIdSource, parseId } from '../../shared/ids.ts';
import { openStoreOf } from '../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { hello, openSocket, poll, reportOf, requestsRead, textsOf } from '../support/raw-device.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

const RECIPIENT = '+14155550100';

describe('the relay protocol', () => {
  let homing: HomingProcess;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '1', HOMING_REPORT_TIMEOUT_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());

  /** Creates a number for one test and pairs a device with it. */
  async function paired() {
    numbers += 1;
    const client = clientFor(homing.url, homing.liveKey);
    const { token, number, device } = await createSetupLink(homing, `+1415555${2000 + numbers}`);
    const send = async (content: string, to = RECIPIENT) => {
      const { status, body } = await client.post('/v1/messages/send', { from: number, to, content });
      expect(status).toBe(202);
      return body.id as string;
    };
    const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
    const listed = async () =>
      (await client.get(`/v1/messages?from=${encodeURIComponent(number)}`)).body.messages;
    return { token, number, device, client, send, message, listed };
  }

  it('homing devices list shows a device as online from its hello until its session ends', async () => {
    const { token, device } = await paired();
    const isOnline = async () =>
      (await homing.cli('devices', 'list', '--json')).json.find(({ id }) => id === device).online as boolean;
    expect(await isOnline()).toBe(false);
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    await until('online', isOnline);
    const endedAt = Date.now();
    socket.terminate();
    await until('offline', async () => !(await isOnline()));
    // The device was seen a moment ago: the end of the session counts, not the time since then.
    const [shown] = (await homing.cli('devices', 'list', '--json')).json.filter(({ id }) => id === device);
    expect(Date.parse(shown.last_seen_at)).toBeLessThanOrEqual(endedAt + 1_000);
    expect(Date.now() - Date.parse(shown.last_seen_at)).toBeLessThan(110_000);
  });

  it('delivers no more messages than the credit, and continues with new credit', async () => {
    const { token, send } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello({ credit: 2 }));
    expect(await socket.next('welcome')).toMatchObject({
      heartbeat_s: 25,
      lease_s: 1,
      device: expect.any(String),
    });
    for (const text of ['1', '2', '3', '4']) await send(text, `+1415555010${text}`);
    await until('two messages', () => textsOf(socket.received).length >= 2);
    socket.say({ type: 'nonsense' });
    await socket.next('error');
    expect(textsOf(socket.received)).toEqual(['1', '2']);
    socket.received.length = 0;
    socket.say({ type: 'credit', n: 1 });
    await until('one more', () => textsOf(socket.received).includes('3'));
    expect(textsOf(socket.received)).not.toContain('4');
    socket.terminate();
  });

  it('leases no more messages than the credit of the last hello, if a session says hello again', async () => {
    const { token, send, listed } = await paired();
    for (let n = 0; n < 30; n += 1) await send(String(n), `+141555501${10 + n}`);
    const socket = await openSocket(homing.url, token);
    for (let n = 0; n < 5; n += 1) socket.say(hello({ credit: 5 }));
    for (let n = 0; n < 5; n += 1) await socket.next('welcome');
    const leased = async () =>
      (await listed()).filter(({ status }: { status: string }) => status === 'polling').length;
    await until('the leases', async () => (await leased()) === 5);
    await until('five messages', () => textsOf(socket.received).length >= 5);
    socket.say({ type: 'nonsense' });
    await socket.next('error');
    expect(new Set(textsOf(socket.received)).size).toBe(5);
    expect(await leased()).toBe(5);
    socket.terminate();
  });

  it('leases no message to a device that was revoked a moment ago', async () => {
    const { token, device, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    await socket.next('welcome');
    // Another process revokes the device. The broker looks for such changes four times a second.
    const store = await openStoreOf(homing);
    const revocation = { now: Date.now(), ids: createIdSource(Date.now) };
    await store.transaction((tx) => revokeDevice(tx, parseId('dev', device)!, revocation));
    const id = await send('after the revocation');
    await store.close();
    expect(await socket.closed).toBe(4401);
    expect(textsOf(socket.received)).toEqual([]);
    expect(await message(id)).toMatchObject({ status: 'queued' });
  });

  it('delivers a message again after its lease expired, even without credit, and delivers no other', async () => {
    const { token, send } = await paired();
    const first = await poll(homing.url, token, { wait: 0, frames: [hello({ credit: 1 })] });
    await send('lost');
    await send('waits', '+14155550101');
    const lost = await poll(homing.url, token, { session: first.session, wait: 5, frames: [] });
    expect(textsOf(lost.frames)).toEqual(['lost']);
    const again = await poll(homing.url, token, { session: first.session, wait: 10, frames: [] });
    expect(textsOf(again.frames)).toEqual(['lost']);
    expect(again.frames[0].items[0].attempt).toBe(2);
  });

  it('repeats a lost response to a confirming poll, and does not count its credit twice', async () => {
    const { token, send } = await paired();
    const first = await poll(homing.url, token, { wait: 0, received: 0, frames: [hello({ credit: 0 })] });
    await send('one');
    await send('two', '+14155550101');
    const { session } = first;
    const credit = { type: 'credit', n: 1 };
    const lost = await poll(homing.url, token, {
      session,
      wait: 5,
      received: first.answer,
      frames: [credit],
    });
    expect(textsOf(lost.frames)).toEqual(['one']);
    const again = await poll(homing.url, token, {
      session,
      wait: 5,
      received: first.answer,
      frames: [credit],
    });
    expect(textsOf(again.frames)).toEqual(['one']);
    expect(again.frames.flatMap(({ items }) => items ?? [])[0].lease).toBe(lost.frames[0].items[0].lease);
  });

  it('delivers no message to a poll whose client disconnected', async () => {
    const { token, send, message } = await paired();
    const first = await poll(homing.url, token, { wait: 0, frames: [hello({ capabilities: ['imessage'] })] });
    const leaving = new AbortController();
    const left = poll(homing.url, token, { session: first.session, wait: 30, frames: [] }, leaving.signal);
    await homing.cli('devices', 'list', '--json');
    leaving.abort();
    await expect(left).rejects.toThrow();
    const id = await send('still here');
    expect((await message(id)).status).toBe('queued');
    const next = await poll(homing.url, token, { session: first.session, wait: 5, frames: [] });
    expect(textsOf(next.frames)).toEqual(['still here']);
  });

  it('redelivers the messages that a journaling device lost, but not those in its open leases', async () => {
    const { token, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    await send('held', '+14155550101');
    await send('lost', '+14155550102');
    await until('both', () => textsOf(socket.received).length === 2);
    const items = socket.received.filter(({ type }) => type === 'deliver').flatMap((frame) => frame.items);
    socket.terminate();
    const next = await openSocket(homing.url, token);
    next.say(hello({ resume: { open: [items[0].lease] } }));
    const { items: again } = await next.next('deliver');
    expect(again.map(({ text }: { text: string }) => text)).toEqual(['lost']);
    // A report with the earlier lease counts, even with a wrong clock on the device.
    next.say(reportOf(1, items[0], 'sent', { at: '1999-01-01T00:00:00Z' }));
    await next.next('ack');
    expect((await message(items[0].message)).status).toBe('sent');
    next.terminate();
  });

  it('never delivers a message twice to a device without a journal, and accepts a late report', async () => {
    const { token, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello({ capabilities: ['imessage'] }));
    const id = await send('once');
    const { items } = await socket.next('deliver');
    socket.terminate();
    const next = await openSocket(homing.url, token);
    next.say(hello({ capabilities: ['imessage'] }));
    await until('the report timeout', async () => (await message(id)).status === 'failed');
    expect(await message(id)).toMatchObject({ error_code: 'unconfirmed' });
    expect(textsOf(next.received)).toEqual([]);
    next.say(reportOf(1, items[0], 'delivered'));
    await next.next('ack');
    expect(await message(id)).toMatchObject({ status: 'delivered', error_code: null });
    next.say(reportOf(2, items[0], 'failed', { error: { code: 'device_error' } }));
    await next.next('ack');
    expect((await message(id)).status).toBe('delivered');
    next.terminate();
  });

  it('ends an unreported message of a device that has no journal any more as unconfirmed', async () => {
    const { token, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    const id = await send('lost with the journal');
    await socket.next('deliver');
    socket.terminate();
    const capabilities = ['imessage'];
    const first = await poll(homing.url, token, { wait: 0, frames: [hello({ capabilities })] });
    await send('next');
    const next = await poll(homing.url, token, { session: first.session, wait: 10, frames: [] });
    expect(textsOf(next.frames)).toEqual(['next']);
    await until('the report timeout', async () => (await message(id)).status === 'failed');
    expect(await message(id)).toMatchObject({ error_code: 'unconfirmed' });
  });

  it('frees the credit of an unreported message of a device without a journal', async () => {
    const { token, send, message } = await paired();
    const capabilities = ['imessage'];
    const first = await poll(homing.url, token, { wait: 0, frames: [hello({ credit: 1, capabilities })] });
    const lost = await send('lost');
    const response = await poll(homing.url, token, { session: first.session, wait: 5, frames: [] });
    expect(textsOf(response.frames)).toEqual(['lost']);
    await send('waits');
    // The client never received the response, so it sends neither a report nor new credit.
    const next = await poll(homing.url, token, { session: first.session, wait: 10, frames: [] });
    expect(textsOf(next.frames)).toEqual(['waits']);
    expect(await message(lost)).toMatchObject({ status: 'failed', error_code: 'unconfirmed' });
  });

  it('frees no credit that a device without a journal has granted after the unreported message', async () => {
    const { token, send, message } = await paired();
    const capabilities = ['imessage'];
    const socket = await openSocket(homing.url, token);
    socket.say(hello({ credit: 1, capabilities }));
    const unreported = await send('unreported');
    await socket.next('deliver');
    socket.say({ type: 'credit', n: 1 });
    await send('one');
    const { items } = await socket.next('deliver');
    socket.say(reportOf(1, items[0], 'sent'));
    await send('two');
    await until('the report timeout', async () => (await message(unreported)).status === 'failed');
    socket.say({ type: 'nonsense' });
    await socket.next('error');
    expect(textsOf(socket.received)).toEqual([]);
    socket.say({ type: 'credit', n: 1 });
    expect(textsOf([await socket.next('deliver')])).toEqual(['two']);
    socket.terminate();
  });

  it('returns the error code and the error message of the device unchanged', async () => {
    const { token, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    const id = await send('fails');
    const { items } = await socket.next('deliver');
    const error = { code: 'recipient_unreachable', message: 'Error 22.', retryable: false };
    socket.say(reportOf(1, items[0], 'failed', { error }));
    await socket.next('ack');
    expect(await message(id)).toMatchObject({
      status: 'failed',
      error_code: 'recipient_unreachable',
      error_message: 'Error 22.',
    });
    socket.terminate();
  });

  it('responds with an error to a report about a message of another device, and acknowledges the frame', async () => {
    const mine = await paired();
    const other = await paired();
    const foreign = await other.send('not yours');
    const socket = await openSocket(homing.url, mine.token);
    socket.say(hello());
    socket.say(reportOf(7, { message: foreign, lease: 'lse_x' }, 'delivered'));
    expect(await socket.next('ack')).toEqual({ type: 'ack', of: 'report', seq: 7 });
    expect(await socket.next('error')).toMatchObject({ code: 'unknown_message' });
    expect((await other.message(foreign)).status).toBe('queued');
    socket.terminate();
  });

  it('stores a repeated inbound message once, also from an email address, and acknowledges it each time', async () => {
    const { token, number, client } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    const item = {
      guid: 'G-1',
      from: 'Ann@Example.com',
      to: number,
      service: 'iMessage',
      text: 'Hi\0 🙂',
      media: [],
    };
    const own = { ...item, guid: 'G-2', from: number, to: RECIPIENT, text: 'typed by hand', from_me: true };
    for (const seq of [1, 2]) {
      socket.say({ type: 'inbound', seq, items: [item, own] });
      expect(await socket.next('ack')).toEqual({ type: 'ack', of: 'inbound', seq });
    }
    // The `+` is not escaped.
    const { body } = await client.get(`/v1/messages?to=${number}`);
    expect(body.messages).toMatchObject([
      { from: 'ann@example.com', content: 'Hi 🙂', status: 'received', direction: 'inbound' },
    ]);
    const sent = await client.get(`/v1/messages?from=${number}`);
    expect(sent.body.messages).toMatchObject([{ to: RECIPIENT, content: 'typed by hand', status: 'sent' }]);
    socket.terminate();
  });

  it('cancels a queued message immediately, and sends a cancel frame for a delivered one', async () => {
    const { token, client, send, message } = await paired();
    const waiting = await send('waits');
    expect((await client.post(`/v1/messages/${waiting}/cancel`, {})).body).toMatchObject({
      status: 'failed',
      error_code: 'cancelled',
    });
    const socket = await openSocket(homing.url, token);
    socket.say(hello());
    const out = await send('out');
    const { items } = await socket.next('deliver');
    const cancelled = await client.post(`/v1/messages/${out}/cancel`, {});
    expect(cancelled).toMatchObject({ status: 202, body: { status: 'polling' } });
    expect(await socket.next('cancel')).toEqual({ type: 'cancel', message: out, lease: items[0].lease });
    socket.say(reportOf(1, items[0], 'failed', { error: { code: 'cancelled' } }));
    await socket.next('ack');
    expect(await message(out)).toMatchObject({ status: 'failed', error_code: 'cancelled' });
    expect((await client.post(`/v1/messages/${out}/cancel`, {})).status).toBe(200);
    expect((await client.post('/v1/messages/msg_01m7yr8vfqftebdcaf8ea8wwzf/cancel', {})).status).toBe(404);
    socket.terminate();
  });

  it('replaces an older session by a newer one, over both transports', async () => {
    const { token } = await paired();
    const older = await openSocket(homing.url, token);
    older.say(hello());
    await older.next('welcome');
    const first = await poll(homing.url, token, { wait: 0, frames: [hello()] });
    expect(await older.closed).toBe(4409);
    const newer = await openSocket(homing.url, token);
    newer.say(hello());
    await newer.next('welcome');
    const replaced = await poll(homing.url, token, { session: first.session, wait: 0, frames: [] });
    expect(replaced).toMatchObject({ status: 409, error: { code: 'conflict' } });
    const unknown = await poll(homing.url, token, {
      session: 'ses_01m7yr8vfqftebdcaf8ea8wwzf',
      wait: 0,
      frames: [],
    });
    expect(unknown).toMatchObject({ status: 410, error: { code: 'gone' } });
    newer.terminate();
  });

  it('closes the session of a revoked device, and dispatches its queue to a new device', async () => {
    const { token, number, device, send, message } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say(hello({ credit: 1 }));
    const leased = await send('at the old device');
    await socket.next('deliver');
    const waiting = await send('for the new device');
    await homing.cli('devices', 'revoke', device);
    expect(await socket.closed).toBe(4401);
    expect(await message(leased)).toMatchObject({ status: 'failed', error_code: 'unconfirmed' });
    expect((await poll(homing.url, token, { wait: 0, frames: [hello()] })).status).toBe(401);
    const { json } = await homing.cli('pair', number, '--json');
    const next = await openSocket(homing.url, json[0].token);
    next.say(hello());
    const { items } = await next.next('deliver');
    expect(items.map((item: { message: string }) => item.message)).toContain(waiting);
    next.terminate();
  });

  it('keeps the order of messages to one recipient across two devices of a number', async () => {
    const { token, number, send } = await paired();
    const { json } = await homing.cli('pair', number, '--json');
    const mac = await openSocket(homing.url, token);
    mac.say(hello({ credit: 1 }));
    // The device that connected first gets the first message.
    await mac.next('welcome');
    const phone = await openSocket(homing.url, json[0].token);
    phone.say(hello({ capabilities: ['imessage'] }));
    await phone.next('welcome');
    await send('first');
    const { items } = await mac.next('deliver');
    await send('second');
    await send('elsewhere', '+14155550101');
    await until('the message to the other recipient', () => textsOf(phone.received).length > 0);
    expect(textsOf(phone.received)).toEqual(['elsewhere']);
    mac.say(reportOf(1, items[0], 'sent'));
    await until('the second', () => textsOf(phone.received).includes('second'));
    mac.terminate();
    phone.terminate();
  });

  it('continues at another device after the last report of a device that disconnects', async () => {
    const { token, number, send } = await paired();
    const { json } = await homing.cli('pair', number, '--json');
    const mac = await openSocket(homing.url, token);
    mac.say(hello({ credit: 1 }));
    await mac.next('welcome');
    await send('first');
    const { items } = await mac.next('deliver');
    const phone = await openSocket(homing.url, json[0].token);
    phone.say(hello({ capabilities: ['imessage'] }));
    await phone.next('welcome');
    await send('second');
    await send('elsewhere', '+14155550101');
    const { items: others } = await phone.next('deliver');
    expect(others).toMatchObject([{ text: 'elsewhere' }]);
    phone.say(reportOf(1, others[0], 'sent'));
    await phone.next('ack');
    mac.say(reportOf(1, items[0], 'sent'));
    mac.terminate();
    expect(textsOf([await phone.next('deliver')])).toEqual(['second']);
    phone.terminate();
  });

  it('responds with errors to invalid frames without ending the session', async () => {
    const { token } = await paired();
    const socket = await openSocket(homing.url, token);
    socket.say({ type: 'credit', n: 1 });
    expect(await socket.next('error')).toMatchObject({ code: 'hello_required' });
    socket.say('not json');
    expect(await socket.next('error')).toMatchObject({ code: 'invalid_json' });
    socket.say(hello({ nonsense: true }));
    await socket.next('welcome');
    socket.say({ type: 'report', seq: 3, items: 'none' });
    expect(await socket.next('error')).toMatchObject({
      code: 'invalid_frame',
      of: { type: 'report', seq: 3 },
    });
    socket.say(hello({ agent: 'x'.repeat(300 * 1024) }));
    expect(await socket.closed).toBe(1009);
  });

  it('exchanges the code of a setup link once, for a valid token', async () => {
    const { client } = await paired();
    const number = `+1415555${2900}`;
    const first = await client.post('/v1/numbers/verify', { phone_number: number });
    const second = await client.post('/v1/numbers/verify', { phone_number: number });
    const codeOf = (response: typeof first) => new URL(response.body.setup_url).searchParams.get('token')!;
    const page = await fetch(second.body.setup_url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(number);
    const exchange = (code: string) => clientFor(homing.url).post('/relay/v1/pair', { code });
    expect((await exchange('dev_nonsense')).status).toBe(401);
    const response = await exchange(codeOf(second));
    expect(response).toMatchObject({ status: 200, body: { numbers: [number] } });
    expect((await exchange(codeOf(second))).status).toBe(410);
    expect((await fetch(second.body.setup_url)).status).toBe(410);
    // The first link is for the same device. Its use would replace the token.
    expect((await poll(homing.url, response.body.token, { wait: 0, frames: [hello()] })).status).toBe(200);
    const { body } = await client.get('/v1/numbers');
    const row = body.numbers.find((candidate: { phone_number: string }) => candidate.phone_number === number);
    expect(row).toMatchObject({ verified: true, last_seen_at: expect.any(String) });
  });
});

describe('a broker that stops', () => {
  it('sends bye over both transports, and exits with 0', async () => {
    const homing = await startHoming();
    try {
      const pair = async (number: string) =>
        (await homing.cli('pair', number, '--json')).json[0].token as string;
      const socket = await openSocket(homing.url, await pair('+14155552001'));
      socket.say(hello());
      await socket.next('welcome');
      const token = await pair('+14155552002');
      const first = await poll(homing.url, token, { wait: 0, frames: [hello()] });
      const parked = poll(homing.url, token, { session: first.session, wait: 50, frames: [] });
      await requestsRead(homing.url);
      expect(await homing.stop()).toBe(0);
      const bye = await socket.next('bye');
      expect(bye).toMatchObject({ reason: 'shutdown', retry_after_s: expect.any(Number) });
      // Without another broker, the device waits for the restart.
      expect(bye.retry_after_s).toBeGreaterThanOrEqual(1);
      expect(bye.retry_after_s).toBeLessThanOrEqual(3);
      expect(await socket.closed).toBe(1001);
      expect((await parked).frames).toMatchObject([{ type: 'bye', reason: 'shutdown' }]);
    } finally {
      await homing.dispose();
    }
  });
});

it('homing devices list shows a device as offline when its broker was killed', async () => {
  const homing = await startHoming();
  try {
    const { json } = await homing.cli('pair', '+14155550199', '--json');
    const isOnline = async () =>
      (await homing.cli('devices', 'list', '--json')).json.some(({ online }) => online === true);
    const socket = await openSocket(homing.url, json[0].token);
    socket.say(hello());
    await until('online', isOnline);
    await homing.kill();
    expect(await isOnline()).toBe(false);
    await homing.restart();
    expect(await isOnline()).toBe(false);
  } finally {
    await homing.dispose();
  }
});
