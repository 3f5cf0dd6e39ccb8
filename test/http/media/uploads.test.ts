/** Tests uploads of files by POST /v1/media, and messages that send them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaLinks } from '../../../broker/media/links.ts';
import { parseId } from '../../../shared/ids.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import {
  besideBroker,
  type Client,
  createAccount,
  createClient,
  expectError,
  openConnection,
  pairDevice,
  requestHead,
  setPlan,
} from '../../support/http-client.ts';
import { HEIC } from '../../support/images.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { hello, openSocket, type RawSocket } from '../../support/raw-device.ts';

const TO = '+14155550100';
const FROM = '+14155556831';
const HOUR_MS = 3_600_000;
/** Longer than two chunks of the database. */
const VIDEO = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));

describe('POST /v1/media', () => {
  let broker: RunningBroker;
  let live: Client & { key: string };
  let sandbox: Client & { key: string };
  let device: RawSocket;
  beforeAll(async () => {
    broker = await startInProcess({ HOMING_MEDIA_MAX_MB: '1', HOMING_MEDIA_QUOTA_ACCOUNT_MB: '20' });
    live = await createClient(broker, { environment: 'live' });
    sandbox = await createClient(broker);
    const { token } = await pairDevice(broker, FROM);
    device = await openSocket(broker.url, token);
    device.say(hello({ capabilities: ['imessage', 'media', 'journal'], credit: 50 }));
    await device.next('welcome');
  });
  afterAll(async () => {
    device?.terminate();
    await broker?.dispose();
  });

  const post = async (key: string, body: FormData | string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${broker.url}/v1/media`, {
      ...{ method: 'POST', body, headers: { 'x-api-key': key, ...headers } },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  };
  const formOf = (bytes: Uint8Array, { field = 'file', name = 'clip.mp4', type = 'video/mp4' } = {}) => {
    const form = new FormData();
    form.append(field, new Blob([new Uint8Array(bytes)], { type }), name);
    return form;
  };
  const upload = async (bytes: Uint8Array, part = {}, key = live.key): Promise<string> => {
    const { status, text, body } = await post(key, formOf(bytes, part));
    expect(status, text).toBe(201);
    return body.media_url;
  };
  const send = (media_url: string, more: Record<string, unknown> = {}, client: Client = live) =>
    client.post('/v1/messages/send', { to: TO, from: FROM, media_url, ...more });
  const delivered = async () => (await device.next('deliver')).items[0].media;
  const bytesAt = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

  it('stores a file and returns a link that works for 24 hours', async () => {
    const before = Date.now();
    const { status, headers, body } = await post(live.key, formOf(VIDEO, { name: 'Bild ä/1.mp4' }));
    expect(status).toBe(201);
    expect(body).toEqual({
      media_url: expect.stringMatching(`^${broker.url}/media/med_\\w{26}\\?expires=\\d+&signature=[\\w-]+$`),
      content_type: 'video/mp4',
      size: VIDEO.length,
      name: '1.mp4',
    });
    const expires = Number(new URL(body.media_url).searchParams.get('expires')) * 1_000;
    expect(expires).toBeGreaterThanOrEqual(before + 24 * HOUR_MS);
    expect(expires).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS + 1_000);
    expect(headers.get('location')).toBe(body.media_url.slice(broker.url.length));
    expect((await bytesAt(body.media_url)).equals(VIDEO)).toBe(true);
  });

  it('reads the name as UTF-8, and derives the type of an unknown file from it', async () => {
    const { body } = await post(live.key, formOf(HEIC, { name: 'Foto ü.HEIC', type: '' }));
    expect(body).toMatchObject({ name: 'Foto ü.HEIC', content_type: 'image/heic', size: HEIC.length });
    const unknown = await post(live.key, formOf(HEIC, { name: 'data', type: '' }));
    expect(unknown.body).toMatchObject({ name: 'data', content_type: 'application/octet-stream' });
  });

  it('the link sends the stored bytes, also from a broker on a private address', async () => {
    const link = await upload(VIDEO);
    const sent = await send(link);
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body).toMatchObject({ media_url: link, content: '' });
    const [media] = await delivered();
    expect(media).toMatchObject({ content_type: 'video/mp4', size: VIDEO.length, name: 'clip.mp4' });
    expect((await bytesAt(media.url)).equals(VIDEO)).toBe(true);
    const { body } = await live.get(`/v1/messages/${sent.body.id}`);
    expect(body.media_url).toMatch(/\/media\/med_/);
    expect((await bytesAt(body.media_url)).equals(VIDEO)).toBe(true);
  });

  it('several messages can send one upload, also with another host name in its link', async () => {
    const link = await upload(VIDEO);
    const other = link.replace('127.0.0.1', 'localhost');
    const urls: string[] = [];
    for (const one of [link, other, link]) {
      expect((await send(one)).status).toBe(202);
      const [media] = await delivered();
      expect((await bytesAt(media.url)).equals(VIDEO)).toBe(true);
      urls.push(media.url);
    }
    expect(new Set(urls).size).toBe(3);
  });

  it('one message can send several uploads', async () => {
    const links = [await upload(VIDEO), await upload(HEIC, { name: 'a.heic', type: 'image/heic' })];
    const body = { to: TO, from: FROM, media_urls: links };
    const sent = await live.post('/v1/messages/send', body);
    expect(sent.status, sent.text).toBe(202);
    expect(sent.body).toMatchObject({ media_url: links[0], media_urls: links });
    const media = await delivered();
    expect((await bytesAt(media[0].url)).equals(VIDEO)).toBe(true);
    expect((await bytesAt(media[1].url)).equals(HEIC)).toBe(true);
    const wrong = await live.post('/v1/messages/send', { ...body, media_urls: [links[0], `${links[1]}x`] });
    expectError(wrong, 400, 'invalid_request', 'media_urls.1');
  });

  it('a repeated send returns the first response, and a dry run stores nothing', async () => {
    const link = await upload(VIDEO);
    const dry = await send(link, { dry_run: true });
    expect([dry.status, dry.body.media_url]).toEqual([200, link]);
    const body = { to: TO, from: FROM, media_url: link };
    const headers = { 'idempotency-key': 'upload-key-1' };
    const first = await live.post('/v1/messages/send', body, headers);
    await delivered();
    expect((await live.post('/v1/messages/send', body, headers)).body).toEqual(first.body);
    const others = { ...body, media_url: await upload(HEIC) };
    expectError(await live.post('/v1/messages/send', others, headers), 409, 'conflict', 'Idempotency-Key');
  });

  it('an inbound attachment can be sent on by its link', async () => {
    const link = await upload(VIDEO);
    await send(link);
    const [{ url }] = await delivered();
    expect((await send(url)).status).toBe(202);
    expect((await bytesAt((await delivered())[0].url)).equals(VIDEO)).toBe(true);
  });

  it('a link of another account or environment is as invalid as an unknown one', async () => {
    await createAccount(broker, 'other');
    const other = await createClient(broker, { account: 'other', environment: 'live' });
    const unknown = await expiringLink('med_01m7ypkdxffkmb6tyeck3vccad', Date.now() + HOUR_MS);
    const forged = (await upload(HEIC)).replace(/.{4}$/, 'AAAA');
    const links = [
      await upload(HEIC, {}, other.key),
      await upload(HEIC, {}, sandbox.key),
      ...[unknown, forged, `${broker.url}/media/`, `${broker.url}/media/x?expires=1`],
    ];
    for (const link of links) {
      const response = await send(link);
      expectError(response, 400, 'invalid_request', 'media_url');
      expect(response.body.error.message).toBe("'media_url' is not a valid link to a file of your account.");
    }
  });

  it('an expired link, and a link to a thumbnail, return 400 with the next step', async () => {
    const link = await upload(HEIC);
    const id = new URL(link).pathname.split('/').at(-1)!;
    for (const [url, message] of [
      [
        await expiringLink(id, Date.now() - 1_000),
        "The link in 'media_url' has expired. Upload the file again.",
      ],
      [`${link}&thumbnail=100`, "Send the link in 'media_url' without 'thumbnail' and 'format'."],
    ] as const) {
      const response = await send(url);
      expectError(response, 400, 'invalid_request', 'media_url');
      expect(response.body.error.message).toBe(message);
    }
  });

  const expiringLink = (id: string, until: number) =>
    besideBroker(broker, async (store) => {
      const key = await store.transaction((tx) => tx.media.signingKey('media', ''));
      const options = { key, publicUrl: () => broker.url, now: () => Date.now() };
      return mediaLinks(options).linkTo(parseId('med', id)!, until);
    });

  it.each<[string, () => FormData, string]>([
    [
      'another field',
      () => formOf(HEIC, { field: 'photo' }),
      "The form needs a file in the field 'file', with a file name.",
    ],
    ['no field', () => new FormData(), "The form needs a file in the field 'file', with a file name."],
    [
      'a text instead of a file',
      () => {
        const form = new FormData();
        form.append('file', 'text');
        return form;
      },
      "The form needs a file in the field 'file', with a file name.",
    ],
    [
      'two files',
      () => {
        const form = formOf(HEIC);
        form.append('file', new Blob(['b']), 'b.txt');
        return form;
      },
      "Send only one file, as 'file'.",
    ],
    [
      'many fields',
      () => {
        const form = new FormData();
        for (let index = 0; index < 20; index += 1) form.append(`field${index}`, 'x');
        return form;
      },
      'The form has too many parts. Send only one file.',
    ],
  ])('a form with %s returns 400', async (_, form, message) => {
    const response = await post(live.key, form());
    expectError(response, 400, 'invalid_request', 'file');
    expect(response.body.error.message).toBe(message);
  });

  it('ignores other short fields', async () => {
    const form = new FormData();
    form.append('purpose', 'message');
    form.append('file', new Blob(['hello']), 'hello.txt');
    const { status, body } = await post(live.key, form);
    expect([status, body.size, body.content_type]).toEqual([201, 5, 'text/plain']);
  });

  it('a body that is no complete form returns 400', async () => {
    const boundary = 'multipart/form-data; boundary=x';
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello';
    for (const [type, body, message] of [
      [
        'application/json',
        '{}',
        /^The Content-Type must be multipart\/form-data with a boundary \(it is app/,
      ],
      ['multipart/form-data; charset=utf-8', part, /has no boundary/],
      [boundary, part, /^The form is malformed or incomplete/],
      [boundary, '--x\r\nContent-Disp', /^The form is malformed or incomplete/],
      [boundary, '', /^The form is malformed or incomplete/],
    ] as const) {
      const response = await post(live.key, body, { 'content-type': type });
      expect(response.status, `${type} ${body}: ${response.text}`).toBe(400);
      expect(response.body.error.message, body).toMatch(message);
    }
    const compressed = { 'content-type': boundary, 'content-encoding': 'gzip' };
    expect((await post(live.key, part, compressed)).status).toBe(400);
  });

  it('a client that disconnects leaves no file', async () => {
    const before = await storedBytes();
    const connection = await openConnection(broker.url);
    connection.write(
      requestHead('POST', '/v1/media', {
        ...{ 'x-api-key': live.key, 'content-type': 'multipart/form-data; boundary=x' },
        'content-length': '500000',
      }),
    );
    connection.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n');
    connection.write(Buffer.alloc(100_000));
    connection.destroy();
    await upload(HEIC);
    expect(await storedBytes()).toBe(before + HEIC.length);
    expect(broker.log()).not.toContain('request failed');
  });

  it('a form with changed bytes is stored or returns 400, and the broker goes on', async () => {
    const boundary = '--boundary\r\n';
    const head =
      'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n';
    const form = Buffer.from(`${boundary}${head}hello\r\n--boundary--\r\n`);
    const headers = { 'x-api-key': live.key, 'content-type': 'multipart/form-data; boundary=boundary' };
    const statusOf = async (body: Buffer) =>
      (await fetch(`${broker.url}/v1/media`, { method: 'POST', headers, body: new Uint8Array(body) })).status;
    expect(await statusOf(form)).toBe(201);
    for (let position = 0; position < form.length; position += 1) {
      const changed = Buffer.from(form);
      changed[position] = (changed[position]! * 7 + position) % 256;
      expect([201, 400], `changed at ${position}`).toContain(await statusOf(changed));
      expect([201, 400], `cut at ${position}`).toContain(await statusOf(form.subarray(0, position)));
    }
    expect(broker.log()).not.toContain('request failed');
  });

  const storedBytes = () =>
    besideBroker(broker, async (store) => {
      const tenant = (await store.read.credentials.findByHash(await hashOf(live.key)))!.tenant;
      const sizes = (await store.read.media.storedBytes(tenant.id)).values();
      return [...sizes].reduce((total, size) => total + size, 0);
    });
  const hashOf = (key: string) => besideBroker(broker, async (_, { secrets }) => secrets.hash(key));

  it('a file over the limit returns 413', async () => {
    const response = await post(live.key, formOf(Buffer.alloc(1_100_000)));
    expectError(response, 413, 'invalid_request');
    expect(response.body.error.message).toBe('The file is larger than 1 MB, the limit of the broker.');
  });

  it('needs the permission messages:send and a plan with media', async () => {
    const reader = await createClient(broker, { permissions: 'messages:read' });
    expectError(await post(reader.key, formOf(HEIC)), 403, 'forbidden');
    expectError(await post('tb_live_unknown', formOf(HEIC)), 401, 'unauthorized');
    await createAccount(broker, 'poor');
    await setPlan(broker, 'poor', 'free');
    const poor = await createClient(broker, { account: 'poor' });
    expectError(await post(poor.key, formOf(HEIC)), 402, 'plan_limit_exceeded');
  });

  it('uploads count in the quota of the account', async () => {
    await createAccount(broker, 'full');
    const { key } = await createClient(broker, { account: 'full' });
    const statuses: number[] = [];
    for (let index = 0; index < 24; index += 1) {
      statuses.push((await post(key, formOf(Buffer.alloc(1_000_000)))).status);
    }
    expect(statuses[0]).toBe(201);
    expect(statuses.at(-1)).toBe(413);
  });
});
