/** The endpoints of the iPhone's shortcuts, asked as Shortcuts asks. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const PERSON = '+14155550100';

describe('the shortcuts API', () => {
  let homing: HomingProcess;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_REPORT_TIMEOUT_SECONDS: '2', HOMING_ALLOW_PRIVATE_URLS: '1' });
  });
  afterAll(() => homing.dispose());

  async function paired() {
    numbers += 1;
    const { json } = await homing.cli('pair', `+1415555${8000 + numbers}`, '--json');
    const { token, number, device, setup_url } = json[0] as Record<string, string> as {
      token: string;
      number: string;
      device: string;
      setup_url: string;
    };
    const client = clientFor(homing.url, homing.liveKey);
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
      const response = await fetch(`${homing.url}/shortcuts/v1${path}`, { ...init, headers });
      // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was answered
      const body = (await response.json()) as Record<string, any>;
      return { status: response.status, ...body } as typeof body;
    };
    const send = async (content: string, more: Record<string, unknown> = {}) => {
      const { status, body } = await client.post('/v1/messages/send', {
        ...{ from: number, to: PERSON, content },
        ...more,
      });
      expect(status).toBe(202);
      return body.id as string;
    };
    const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages;
    return { token, number, device, setup_url, client, ask, send, message, post, received };
  }

  it('hands a message to the run, and takes its report', async () => {
    const { ask, send, message, post } = await paired();
    const text = `Grüße 👋🏽 "x" \\ ${'ß'.repeat(4_900)}`;
    const id = await send(text);
    const next = await ask('/next?wait=25&run=1');
    expect(next).toEqual({
      ...{ status: 200, has_message: true, stop: false, id, to: PERSON, text, media_url: '' },
      report_url: `${homing.url}/shortcuts/v1/report`,
    });
    expect((await message(id)).status).toBe('polling');
    expect(await post('/report', { id, status: 'sent', error: '' })).toMatchObject({ status: 200, ok: true });
    expect((await message(id)).status).toBe('sent');
    // The report's answer got lost, and it comes again.
    expect(await post('/report', { id, status: 'sent' })).toMatchObject({ status: 200, ok: true });
  });

  it('holds the request until there is a message, or the wait is over', async () => {
    const { ask, send } = await paired();
    const held = ask('/next?wait=25&run=1');
    const id = await send('soon');
    expect(await held).toMatchObject({ has_message: true, id });
    expect(await ask('/next?wait=0&run=1')).toEqual({ status: 200, has_message: false, stop: false });
    expect(await ask('/next?wait=1&run=1')).toEqual({ status: 200, has_message: false, stop: false });
  });

  it('gives one message at a time, and the next one when it is asked for', async () => {
    const { ask, send, post } = await paired();
    const ids = [await send('one'), await send('two')];
    const first = await ask('/next?run=1');
    await post('/report', { id: first.id, status: 'sent' });
    const second = await ask('/next?run=1');
    expect([first.id, second.id]).toEqual(ids);
  });

  it('hands a link to the attachment', async () => {
    const { ask, send } = await paired();
    await send('a cat', { media_url: 'http://127.0.0.1:9/cat.png' });
    expect((await ask('/next?run=1')).media_url).toMatch(/\/media\/med_\w+\?expires=\d+&signature=/);
  });

  it('serves the newest run, and stops the others', async () => {
    const { ask, send } = await paired();
    const older = ask('/next?wait=25&run=1');
    const phone = await until('the older run to be there', async () => {
      const [found] = (await homing.cli('devices', 'list', '--json')).json.slice(-1);
      return found.platform === 'ios';
    });
    expect(phone).toBe(true);
    const newer = ask('/next?wait=25&run=2');
    expect(await older).toEqual({ status: 200, has_message: false, stop: true });
    const id = await send('for the newer');
    expect(await newer).toMatchObject({ has_message: true, id });
    expect(await ask('/next?wait=25&run=1')).toEqual({ status: 200, has_message: false, stop: true });
  });

  it('never hands a message out twice: a report that never comes ends it unconfirmed, a late one still counts', async () => {
    const { ask, send, message, post } = await paired();
    const id = await send('once');
    expect((await ask('/next?run=1')).id).toBe(id);
    const over = await until('the time-out', async () => {
      const found = await message(id);
      return found.status === 'failed' && found;
    });
    expect(over.error_code).toBe('unconfirmed');
    expect(await ask('/next?wait=0&run=1')).toMatchObject({ has_message: false });
    expect(await ask('/next?wait=0&run=2')).toMatchObject({ has_message: false });
    await post('/report', { id, status: 'sent' });
    expect((await message(id)).status).toBe('sent');
  });

  it('takes nothing from the queue for a phone that hung up', async () => {
    const { ask, send, message } = await paired();
    const controller = new AbortController();
    const held = ask('/next?wait=25&run=1', { signal: controller.signal });
    await until('the run to be there', async () => {
      const found = (await homing.cli('devices', 'list', '--json')).json.at(-1);
      return found.platform === 'ios';
    });
    controller.abort();
    await held.catch(() => {});
    const id = await send('for later');
    expect((await message(id)).status).toBe('queued');
    expect(await ask('/next?wait=25&run=1')).toMatchObject({ has_message: true, id });
  });

  it('tells a run to stop whose token was replaced, also while it waits', async () => {
    const { ask, setup_url, send, message } = await paired();
    const held = ask('/next?wait=25&run=1');
    await until('the run to be there', async () => {
      const found = (await homing.cli('devices', 'list', '--json')).json.at(-1);
      return found.platform === 'ios';
    });
    const code = new URL(setup_url).searchParams.get('token');
    const { body } = await clientFor(homing.url).post('/relay/v1/pair', { code });
    expect(await held).toEqual({ status: 200, has_message: false, stop: true });
    expect(await ask('/next?wait=0&run=1')).toMatchObject({ status: 401, has_message: false, stop: true });
    const id = await send('to the new token');
    expect((await message(id)).status).toBe('queued');
    const headers = { authorization: body.token };
    expect(await ask('/next?wait=5&run=3', { headers })).toMatchObject({ has_message: true, id });
  });

  it('goes on after the broker was restarted in the middle of a held request', async () => {
    const { ask, send, message, post } = await paired();
    const handed = await send('before');
    await ask('/next?run=1');
    const held = ask('/next?wait=25&run=1').catch(() => 'broken off');
    await homing.kill();
    expect(await held).toBe('broken off');
    await homing.restart();
    expect(await post('/report', { id: handed, status: 'sent' })).toMatchObject({ ok: true });
    expect((await message(handed)).status).toBe('sent');
    const id = await send('after');
    expect(await ask('/next?wait=5&run=1')).toMatchObject({ has_message: true, id });
  });

  it('says why a report can’t be taken', async () => {
    const { post, send, ask, message } = await paired();
    expect(await post('/report', { status: 'sent' })).toMatchObject({ status: 400, ok: false });
    expect(await post('/report', { id: 'msg_x', status: 'sent' })).toMatchObject({ status: 404, ok: false });
    expect(await post('/report', { id: 'msg_x', status: 'perhaps' })).toMatchObject({
      message: "'status' was 'perhaps'; it is sent or failed.",
    });
    const id = await send('will fail');
    await ask('/next?run=1');
    await post('/report', { id, status: 'failed', error: 'No signal' });
    expect(await message(id)).toMatchObject({ status: 'failed', error_message: 'No signal' });
  });

  it('passes on a text that came in, once a minute', async () => {
    const { post, received } = await paired();
    const text = { from: PERSON, text: 'hi 👋🏽', received_at: '2026-11-21T08:00:10Z' };
    expect(await post('/inbound', text)).toMatchObject({ ok: true, is_new: true });
    expect(await post('/inbound', { ...text, received_at: '2026-11-21T08:00:50Z' })).toMatchObject({
      is_new: false,
    });
    expect(await post('/inbound', { ...text, received_at: '2026-11-21T08:01:10Z' })).toMatchObject({
      is_new: true,
    });
    expect((await received()).map(({ content }: { content: string }) => content)).toEqual([
      'hi 👋🏽',
      'hi 👋🏽',
    ]);
  });

  it.each([
    ['JSON without a content type', '{"from":"+1 (415) 555-0100","text":"x"}', { 'content-type': '' }],
    [
      'JSON called a form',
      '{"from":"415-555-0100","text":"x"}',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    ['a number as a number', '{"from":14155550100,"text":"x","n":true}', { 'content-type': 'text/plain' }],
    [
      'a form',
      'from=%2B1%20415%20555%200100&text=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a form of parts',
      '--b\r\ncontent-disposition: form-data; name="from"\r\n\r\n(415) 555 0100\r\n--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx\r\n--b--\r\n',
      { 'content-type': 'multipart/form-data; boundary=b' },
    ],
  ])('understands %s', async (_, body, headers) => {
    const { post, received } = await paired();
    expect(await post('/inbound', body, headers)).toMatchObject({ status: 200, ok: true });
    expect((await received())[0]).toMatchObject({ from: PERSON, content: 'x' });
  });

  it.each([
    [{ from: 'Mum', text: 'x' }, "'Mum' is the name of a contact, not a number."],
    [{ from: '', text: 'x' }, "'from' is missing"],
    [{ from: PERSON, text: ' ' }, "'text' is empty"],
    ['hello', 'The request has no fields.'],
  ])('says what the shortcut should change: %j', async (body, why) => {
    const { post, received } = await paired();
    const answer = await post('/inbound', body);
    expect(answer).toMatchObject({ status: 400, ok: false, stop: true });
    expect(answer.message).toContain(why);
    expect(await received()).toEqual([]);
  });

  it('takes e-mail addresses and short codes as senders', async () => {
    const { post, received } = await paired();
    await post('/inbound', { from: 'Mum@Example.com', text: 'x' });
    await post('/inbound', { from: '72727', text: 'code' });
    expect((await received()).map(({ from }: { from: string }) => from)).toEqual([
      '72727',
      'mum@example.com',
    ]);
  });

  it('is offline when the phone has not asked for long, and says when it was seen', async () => {
    const { ask, device, client, number } = await paired();
    const shown = async () => {
      const { json } = await homing.cli('devices', 'list', '--json');
      return json.find(({ id }) => id === device);
    };
    expect(await shown()).toMatchObject({ online: false, last_seen_at: null });
    await ask('/next?wait=0&run=1');
    // Written down at the end at the latest.
    await homing.stop();
    await homing.restart();
    expect(await shown()).toMatchObject({ online: true, platform: 'ios' });
    const database = new Database(join(homing.dataDir, 'homing.db'));
    database.exec('UPDATE devices SET last_seen_at = last_seen_at - 600000');
    database.close();
    const { last_seen_at, online } = await shown();
    expect(online).toBe(false);
    const { numbers: all } = (await client.get('/v1/numbers')).body;
    const own = all.find(({ phone_number }: { phone_number: string }) => phone_number === number);
    expect(own.last_seen_at).toBe(last_seen_at);
  });

  it('checks the connection, and says when the number is paused or gone', async () => {
    const { ask, client, number } = await paired();
    const check = await ask('/check');
    expect(check).toMatchObject({ ok: true, number, to: number });
    expect(check.text).toContain('Homing works.');
    const { numbers: all } = (await client.get('/v1/numbers')).body;
    const { id } = all.find(({ phone_number }: { phone_number: string }) => phone_number === number);
    await client.put(`/v1/numbers/${id}`, { status: 'paused' });
    expect(await ask('/check')).toMatchObject({ ok: false, message: expect.stringContaining('is paused') });
    await client.request('DELETE', `/v1/numbers/${id}`);
    expect(await ask('/check')).toMatchObject({ ok: false, message: expect.stringContaining('was removed') });
  });

  it('refuses a stranger in words that a shortcut can show', async () => {
    const { ask } = await paired();
    const refused = await ask('/check', { headers: { authorization: 'Bearer nonsense' } });
    expect(refused).toMatchObject({ status: 401, ok: false, has_message: false, stop: true });
    expect(refused.message).toContain('Open the setup link again');
  });

  it('stops a run that goes on for too long, and the next one goes on', async () => {
    const { ask } = await paired();
    await homing.stop();
    await homing.restart({ HOMING_SHORTCUT_RUN_SECONDS: '1' });
    // The wait ends when the run does.
    expect(await ask('/next?wait=25&run=1')).toMatchObject({ has_message: false, stop: true });
    expect(await ask('/next?wait=0&run=1')).toMatchObject({ has_message: false, stop: true });
    expect(await ask('/next?wait=0&run=2')).toMatchObject({ has_message: false, stop: false });
  });
});
