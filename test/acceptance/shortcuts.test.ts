/** Tests the API for the iPhone's shortcuts with requests in the form of the Shortcuts app. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink, platformOf } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

const CONTACT = '+14155550100';

describe('the shortcuts API', () => {
  let homing: HomingProcess;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_REPORT_TIMEOUT_SECONDS: '2', HOMING_ALLOW_PRIVATE_URLS: '1' });
  });
  afterAll(() => homing.dispose());

  async function paired() {
    numbers += 1;
    const { token, number, device, setup_url } = await createSetupLink(homing, `+1415555${8000 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const request = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
      const response = await fetch(`${homing.url}/shortcuts/v1${path}`, { ...init, headers });
      // biome-ignore lint/suspicious/noExplicitAny: the tests read any field of the response
      const body = (await response.json()) as Record<string, any>;
      return { status: response.status, ...body } as typeof body;
    };
    const send = async (content: string, more: Record<string, unknown> = {}) => {
      const { status, body } = await client.post('/v1/messages/send', {
        ...{ from: number, to: CONTACT, content },
        ...more,
      });
      expect(status).toBe(202);
      return body.id as string;
    };
    const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages;
    const connected = () =>
      until('the run to connect', async () => (await platformOf(homing, device)) === 'ios');
    return { token, number, device, setup_url, client, request, send, message, post, received, connected };
  }

  it('GET /next returns a message, and POST /report confirms it', async () => {
    const { request, send, message, post } = await paired();
    const text = `Grüße 👋🏽 "x" \\ ${'ß'.repeat(4_900)}`;
    const id = await send(text);
    const next = await request('/next?wait=25&run=1');
    expect(next).toEqual({
      ...{ status: 200, has_message: true, stop: false, state: 'send', id, to: CONTACT, text, media_url: '' },
      lease: expect.stringMatching(/^lse_/),
      report_url: `${homing.url}/shortcuts/v1/report`,
    });
    expect((await message(id)).status).toBe('polling');
    expect(await post('/report', { id, status: 'sent', error: '' })).toMatchObject({ status: 200, ok: true });
    expect((await message(id)).status).toBe('sent');
    // The response was lost, and the report is repeated.
    expect(await post('/report', { id, status: 'sent' })).toMatchObject({ status: 200, ok: true });
  });

  it('GET /next waits for a message up to its time', async () => {
    const { request, send } = await paired();
    const pending = request('/next?wait=25&run=1');
    const id = await send('soon');
    expect(await pending).toMatchObject({ has_message: true, id });
    expect(await request('/next?wait=0&run=1')).toEqual({
      ...{ status: 200, has_message: false, stop: false, state: 'wait' },
    });
    expect(await request('/next?wait=1&run=1')).toEqual({
      ...{ status: 200, has_message: false, stop: false, state: 'wait' },
    });
  });

  it('GET /next returns one message per request', async () => {
    const { request, send, post } = await paired();
    const ids = [await send('one'), await send('two')];
    const first = await request('/next?run=1');
    await post('/report', { id: first.id, status: 'sent' });
    const second = await request('/next?run=1');
    expect([first.id, second.id]).toEqual(ids);
  });

  it('GET /next returns a link to the attachment', async () => {
    const { request, send } = await paired();
    await send('a cat', { media_url: 'http://127.0.0.1:9/cat.png' });
    expect((await request('/next?run=1')).media_url).toMatch(/\/media\/med_\w+\?expires=\d+&signature=/);
  });

  it('GET /next serves the newest run and stops older runs', async () => {
    const { request, send, connected } = await paired();
    const older = request('/next?wait=25&run=1');
    await connected();
    const newer = request('/next?wait=25&run=2');
    expect(await older).toEqual({
      ...{ status: 200, has_message: false, stop: true, state: 'stop' },
    });
    const id = await send('for the newer');
    expect(await newer).toMatchObject({ has_message: true, id });
    expect(await request('/next?wait=25&run=1')).toEqual({
      ...{ status: 200, has_message: false, stop: true, state: 'stop' },
    });
  });

  it('GET /next stops the first of two runs that begin at the same time', async () => {
    const { request, send } = await paired();
    const runs = ['1', '2'].map((run) => request(`/next?wait=25&run=${run}`));
    expect(await Promise.race(runs)).toMatchObject({ stop: true, state: 'stop' });
    const id = await send('for the second');
    const responses = await Promise.all(runs);
    expect(responses.filter((response) => response.id === id)).toHaveLength(1);
  });

  it('a message is delivered once, is unconfirmed without a report, and a late report still counts', async () => {
    const { request, send, message, post } = await paired();
    const id = await send('once');
    expect((await request('/next?run=1')).id).toBe(id);
    const expired = await until('the timeout', async () => {
      const found = await message(id);
      return found.status === 'failed' && found;
    });
    expect(expired.error_code).toBe('unconfirmed');
    expect(await request('/next?wait=0&run=1')).toMatchObject({ has_message: false });
    expect(await request('/next?wait=0&run=2')).toMatchObject({ has_message: false });
    await post('/report', { id, status: 'sent' });
    expect((await message(id)).status).toBe('sent');
  });

  it('a request gets one message after the report timeout of an earlier one', async () => {
    const { request, send, message } = await paired();
    const lost = await send('lost');
    expect((await request('/next?run=1')).id).toBe(lost);
    const pending = request('/next?wait=25&run=2');
    await until('the timeout', async () => (await message(lost)).status === 'failed');
    const ids = await Promise.all([send('one'), send('two')]);
    const { id } = await pending;
    expect(ids).toContain(id);
    const statuses = await Promise.all(ids.map(async (each) => (await message(each)).status));
    expect(statuses.toSorted()).toEqual(['polling', 'queued']);
  });

  it('an aborted request takes no message from the queue', async () => {
    const { request, send, message, connected } = await paired();
    const controller = new AbortController();
    const pending = request('/next?wait=25&run=1', { signal: controller.signal });
    await connected();
    controller.abort();
    await pending.catch(() => {});
    const id = await send('for later');
    expect((await message(id)).status).toBe('queued');
    expect(await request('/next?wait=25&run=1')).toMatchObject({ has_message: true, id });
  });

  it('a replaced token stops the run, also during a request', async () => {
    const { request, setup_url, send, message, connected } = await paired();
    const pending = request('/next?wait=25&run=1');
    await connected();
    const code = new URL(setup_url).searchParams.get('token');
    const { body } = await clientFor(homing.url).post('/relay/v1/pair', { code });
    expect(await pending).toEqual({
      ...{ status: 200, has_message: false, stop: true, state: 'stop' },
    });
    expect(await request('/next?wait=0&run=1')).toMatchObject({
      status: 401,
      has_message: false,
      stop: true,
    });
    const id = await send('to the new token');
    expect((await message(id)).status).toBe('queued');
    const headers = { authorization: body.token };
    expect(await request('/next?wait=5&run=3', { headers })).toMatchObject({ has_message: true, id });
  });

  it('reports and requests continue after a restart of the broker during a request', async () => {
    const { request, send, message, post } = await paired();
    const delivered = await send('before');
    await request('/next?run=1');
    const pending = request('/next?wait=25&run=1').catch(() => 'connection lost');
    await homing.kill();
    expect(await pending).toBe('connection lost');
    await homing.restart();
    expect(await post('/report', { id: delivered, status: 'sent' })).toMatchObject({ ok: true });
    expect((await message(delivered)).status).toBe('sent');
    const id = await send('after');
    expect(await request('/next?wait=5&run=1')).toMatchObject({ has_message: true, id });
  });

  it('POST /report explains an invalid report', async () => {
    const { post, send, request, message } = await paired();
    expect(await post('/report', { status: 'sent' })).toMatchObject({ status: 400, ok: false });
    expect(await post('/report', { id: 'msg_x', status: 'sent' })).toMatchObject({ status: 404, ok: false });
    expect(await post('/report', { id: 'msg_x', status: 'perhaps' })).toMatchObject({
      message: "'status' was 'perhaps'; allowed: sent or failed.",
    });
    const id = await send('will fail');
    await request('/next?run=1');
    await post('/report', { id, status: 'failed', error: 'No signal' });
    expect(await message(id)).toMatchObject({ status: 'failed', error_message: 'No signal' });
  });

  it('POST /inbound stores the same text once per minute', async () => {
    const { post, received } = await paired();
    const text = { from: CONTACT, text: 'hi 👋🏽', received_at: '2026-11-21T08:00:10Z' };
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
      'JSON with the content type of a form',
      '{"from":"415-555-0100","text":"x"}',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a number in place of a string',
      '{"from":14155550100,"text":"x","n":true}',
      { 'content-type': 'text/plain' },
    ],
    [
      'a URL-encoded form',
      'from=%2B1%20415%20555%200100&text=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a multipart form',
      '--b\r\ncontent-disposition: form-data; name="from"\r\n\r\n(415) 555 0100\r\n--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nx\r\n--b--\r\n',
      { 'content-type': 'multipart/form-data; boundary=b' },
    ],
  ])('POST /inbound accepts %s', async (_, body, headers) => {
    const { post, received } = await paired();
    expect(await post('/inbound', body, headers)).toMatchObject({ status: 200, ok: true });
    expect((await received())[0]).toMatchObject({ from: CONTACT, content: 'x' });
  });

  it.each([
    [{ from: 'Mum', text: 'x' }, "'Mum' is the name of a contact, not a number."],
    [{ from: '', text: 'x' }, "'from' is missing"],
    [{ from: CONTACT, text: ' ' }, "'text' is empty"],
    ['hello', 'The request has no fields.'],
  ])('POST /inbound explains the invalid body %j', async (body, reason) => {
    const { post, received } = await paired();
    const response = await post('/inbound', body);
    expect(response).toMatchObject({ status: 400, ok: false, stop: true });
    expect(response.message).toContain(reason);
    expect(await received()).toEqual([]);
  });

  it('POST /inbound accepts e-mail addresses and short codes as senders', async () => {
    const { post, received } = await paired();
    await post('/inbound', { from: 'Mum@Example.com', text: 'x' });
    await post('/inbound', { from: '72727', text: 'code' });
    expect((await received()).map(({ from }: { from: string }) => from)).toEqual([
      '72727',
      'mum@example.com',
    ]);
  });

  it('a phone without recent requests is offline and shows the time of its last one', async () => {
    const { request, device, client, number } = await paired();
    const shown = async () => {
      const { json } = await homing.cli('devices', 'list', '--json');
      return json.find(({ id }) => id === device);
    };
    expect(await shown()).toMatchObject({ online: false, last_seen_at: null });
    await request('/next?wait=0&run=1');
    await until('online', async () => (await shown()).online);
    // A stop of the broker saves the time, and ends every session.
    await homing.stop();
    await homing.restart();
    expect(await shown()).toMatchObject({
      online: false,
      platform: 'ios',
      last_seen_at: expect.stringMatching(/Z$/),
    });
    await request('/next?wait=0&run=2');
    await until('online again', async () => (await shown()).online);
    await homing.stop();
    await homing.restart();
    await rowsOf(homing, 'UPDATE devices SET last_seen_at = last_seen_at - 600000');
    const { last_seen_at, online } = await shown();
    expect(online).toBe(false);
    const { numbers: all } = (await client.get('/v1/numbers')).body;
    const own = all.find(({ phone_number }: { phone_number: string }) => phone_number === number);
    expect(own.last_seen_at).toBe(last_seen_at);
  });

  it('GET /check confirms the connection and reports a paused or removed number', async () => {
    const { request, client, number } = await paired();
    const check = await request('/check');
    expect(check).toMatchObject({ ok: true, number, to: number });
    expect(check.text).toContain('Homing works.');
    const { numbers: all } = (await client.get('/v1/numbers')).body;
    const { id } = all.find(({ phone_number }: { phone_number: string }) => phone_number === number);
    await client.put(`/v1/numbers/${id}`, { status: 'paused' });
    expect(await request('/check')).toMatchObject({
      ok: false,
      message: expect.stringContaining('is paused'),
    });
    await client.request('DELETE', `/v1/numbers/${id}`);
    expect(await request('/check')).toMatchObject({
      ok: false,
      message: expect.stringContaining('was removed'),
    });
  });

  it('an invalid token returns 401 with a message for the shortcut', async () => {
    const { request } = await paired();
    const rejected = await request('/check', { headers: { authorization: 'Bearer nonsense' } });
    expect(rejected).toMatchObject({ status: 401, ok: false, has_message: false, stop: true });
    expect(rejected.message).toContain('Open the setup link again');
  });

  it('a run that exceeds its time is stopped, and the next run continues', async () => {
    const { request } = await paired();
    await homing.stop();
    await homing.restart({ HOMING_SHORTCUT_RUN_SECONDS: '1' });
    // The wait ends with the run.
    expect(await request('/next?wait=25&run=1')).toMatchObject({ has_message: false, stop: true });
    expect(await request('/next?wait=0&run=1')).toMatchObject({ has_message: false, stop: true });
    expect(await request('/next?wait=0&run=2')).toMatchObject({ has_message: false, stop: false });
  });
});
