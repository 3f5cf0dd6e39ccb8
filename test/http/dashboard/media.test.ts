/** Tests attachments of the inbox: uploads of members, quotas, downloads and ranges. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MediaBody } from '../../../broker/apis/admin/inbox/message-schemas.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';

const TO = '+15005550010';
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Longer than two chunks of the database. */
const VIDEO = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));

describe('attachments of the dashboard', () => {
  let broker: RunningBroker;
  let member: DashboardClient;
  let keys = 0;

  const upload = (bytes: Buffer, type: string, { client = member, name = '' } = {}) =>
    fetch(`${broker.url}/dashboard/api/test/uploads`, {
      method: 'POST',
      body: bytes,
      headers: {
        ...{ 'content-type': type, cookie: client.cookie, origin: broker.url },
        ...(name === '' ? {} : { 'x-file-name': encodeURIComponent(name) }),
      },
    });
  const uploaded = async (bytes: Buffer, type: string) =>
    (await (await upload(bytes, type)).json()) as MediaBody;
  const download = (url: string, headers: Record<string, string> = {}, cookie = member.cookie) =>
    fetch(broker.url + url, { headers: { cookie, ...headers } });
  const send = (uploadIds: string[], client = member, content = 'Look') =>
    client.post('/test/messages', { to: TO, content, uploadIds, idempotencyKey: `media-key-${keys++}` });

  beforeAll(async () => {
    broker = await startInProcess({ HOMING_MEDIA_MAX_MB: '1', HOMING_MEDIA_QUOTA_ACCOUNT_MB: '2' });
    member = await signIn(broker, { role: 'member' });
  });
  afterAll(() => broker?.dispose());

  it('an uploaded image is sent with its name and dimensions, and members can download it', async () => {
    const response = await upload(PIXEL, 'image/png', { name: 'Bild ä.png' });
    expect(response.status).toBe(201);
    const image = (await response.json()) as MediaBody;
    expect(image).toEqual({
      id: expect.stringMatching(/^med_/),
      url: `/dashboard/api/test/media/${image.id}`,
      ...{ contentType: 'image/png', size: PIXEL.length, width: 1, height: 1, name: 'Bild ä.png' },
    });
    expect((await download(image.url)).status).toBe(200);
    const { status, body, text } = await send([image.id], member, '');
    expect(status, text).toBe(201);
    expect(body.media).toEqual([image]);
    const viewer = await signIn(broker, { role: 'viewer' });
    const found = await download(image.url, {}, viewer.cookie);
    expect(found.status).toBe(200);
    expect(Object.fromEntries(found.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': "inline; filename*=UTF-8''Bild%20%C3%A4.png",
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=3600',
    });
    expect(Buffer.from(await found.arrayBuffer())).toEqual(PIXEL);
  });

  it('an upload is sent once; send again shares its file', async () => {
    const image = await uploaded(PIXEL, 'image/png');
    const { body: first } = await send([image.id]);
    expect((await send([image.id])).body.error.message).toContain('was already sent');
    const again = await member.post(`/test/messages/${first.id}/send-again`, {
      idempotencyKey: `media-key-${keys++}`,
    });
    const [shared] = again.body.media;
    expect(shared.id).not.toBe(image.id);
    expect(Buffer.from(await (await download(shared.url)).arrayBuffer())).toEqual(PIXEL);
  });

  it('a repeated send with an attachment returns the first message', async () => {
    const image = await uploaded(PIXEL, 'image/png');
    const body = { to: TO, content: '', uploadIds: [image.id], idempotencyKey: 'media-repeated' };
    const first = await member.post('/test/messages', body);
    expect((await member.post('/test/messages', body)).body.id).toBe(first.body.id);
  });

  it('a member cannot send the upload of another member', async () => {
    const image = await uploaded(PIXEL, 'image/png');
    expect((await send([image.id], await signIn(broker, { role: 'member' }))).status).toBe(400);
  });

  it.each<[string, string, number, number]>([
    ['the beginning', 'bytes=0-99', 0, 99],
    ['a part of two chunks', 'bytes=131000-263000', 131_000, 263_000],
    ['the rest', 'bytes=200000-', 200_000, 299_999],
    ['the last bytes', 'bytes=-10', 299_990, 299_999],
    ['a range beyond the end', 'bytes=299999-400000', 299_999, 299_999],
  ])('a download of %s returns only these bytes', async (_, range, from, to) => {
    const video = await uploaded(VIDEO, 'video/mp4');
    const response = await download(video.url, { range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to}/${VIDEO.length}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(VIDEO.subarray(from, to + 1))).toBe(true);
  });

  it('other ranges return the whole file, or 416 behind its end', async () => {
    const file = await uploaded(Buffer.from('0123456789'), 'text/html');
    const whole = await download(file.url, { range: 'bytes=1-2,4-5' });
    expect(whole.status).toBe(200);
    // A file that could run scripts is downloaded.
    expect(whole.headers.get('content-disposition')).toBe('attachment');
    expect(await whole.text()).toBe('0123456789');
    const etag = whole.headers.get('etag')!;
    const behind = await download(file.url, { range: 'bytes=10-' });
    expect(behind.status).toBe(416);
    expect(behind.headers.get('content-range')).toBe('bytes */10');
    expect((await download(file.url, { 'if-none-match': etag })).status).toBe(304);
    expect((await download(file.url, { range: 'bytes=1-2', 'if-range': '"other"' })).status).toBe(200);
    expect(await (await download(file.url, { range: 'bytes=1-2', 'if-range': etag })).text()).toBe('12');
  });

  it('a download needs a session of the account and the environment of the file', async () => {
    const image = await uploaded(PIXEL, 'image/png');
    expect((await download(image.url, {}, '')).status).toBe(401);
    expect((await download(image.url.replace('/test/', '/live/'))).status).toBe(404);
    expect((await member.get('/test/media/med_x')).status).toBe(404);
  });

  it('uploads are limited in size, in type and by role', async () => {
    expect((await upload(Buffer.alloc(1_100_000), 'video/mp4')).status).toBe(413);
    expect((await upload(PIXEL, 'nothing')).status).toBe(400);
    const viewer = await signIn(broker, { role: 'viewer' });
    expect((await upload(PIXEL, 'image/png', { client: viewer })).status).toBe(403);
    const key = await createClient(broker);
    const bare = { method: 'POST', body: PIXEL, headers: { 'x-api-key': key.key } };
    expect((await fetch(`${broker.url}/dashboard/api/test/uploads`, bare)).status).toBe(403);
  });

  it('uploads count in the quota of the account', async () => {
    const big = Buffer.alloc(1_000_000);
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await upload(big, 'video/mp4')).status);
    expect(statuses.at(-1)).toBe(413);
  });
});
