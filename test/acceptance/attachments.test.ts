/** Checks uploads of attachments by devices, fetches of outbound ones, and downloads by signed links. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../support/file-server.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { hello, openSocket } from '../support/raw-device.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

const RECIPIENT = '+14155550100';
const PICTURE = randomBytes(300_000);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

describe('attachments', () => {
  let homing: HomingProcess;
  let files: FileServer;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1', HOMING_MEDIA_MAX_MB: '1' });
    files = await startFileServer((request, response) => {
      switch (request.url) {
        case '/cat%20photo.png':
          response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
          return;
        case '/moved':
          response.writeHead(302, { location: '/cat%20photo.png' }).end();
          return;
        case '/circle':
          response.writeHead(302, { location: '/circle' }).end();
          return;
        case '/huge':
          response.writeHead(200, { 'content-type': 'image/png' });
          response.end(Buffer.alloc(5 * 1024 * 1024 + 1));
          return;
        default:
          response.writeHead(404).end();
      }
    });
  });
  afterAll(async () => {
    files.close();
    await homing.dispose();
  });

  async function paired() {
    numbers += 1;
    const { token, number } = await createSetupLink(homing, `+1415555${6000 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const socket = await openSocket(homing.url, token);
    socket.say(hello({ capabilities: ['imessage', 'media', 'journal'] }));
    await socket.next('welcome');
    const upload = (id: string, bytes: Buffer, headers: Record<string, string> = {}) =>
      fetch(`${homing.url}/relay/v1/media/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'image/heic', ...headers },
        body: new Uint8Array(bytes),
      });
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages;
    const deliveredMedia = async (path: string) => {
      const body = { from: number, to: RECIPIENT, content: 'see', media_url: `${files.url}${path}` };
      const sent = await client.post('/v1/messages/send', body);
      expect(sent.body.media_url).toBe(body.media_url);
      const { items } = await socket.next('deliver');
      return items[0].media[0];
    };
    return { token, number, client, socket, upload, received, deliveredMedia };
  }

  it('of outbound messages have a signed link for the device, and are fetched once', async () => {
    const { deliveredMedia } = await paired();
    const before = files.requested.length;
    const media = await deliveredMedia('/cat%20photo.png');
    expect(media).toMatchObject({ name: 'cat photo.png' });
    expect(media.url.startsWith(`${homing.url}/media/med_`)).toBe(true);
    expect(files.requested).toHaveLength(before);
    const responses = await Promise.all([fetch(media.url), fetch(media.url)]);
    for (const response of responses) {
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('content-digest')).toBe(`sha-256=:${sha256(PICTURE).toString('base64')}:`);
      expect(Buffer.from(await response.arrayBuffer()).equals(PICTURE)).toBe(true);
    }
    expect(files.requested).toHaveLength(before + 1);
    await homing.stop();
    await homing.restart();
    expect((await fetch(media.url)).status).toBe(200);
    expect(files.requested).toHaveLength(before + 1);
  });

  it('are fetched through redirects of the source URL', async () => {
    const { deliveredMedia } = await paired();
    const { url } = await deliveredMedia('/moved');
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(PICTURE)).toBe(true);
  });

  it.each([
    ['/missing', 'The server responded with 404.'],
    ['/huge', 'The file is larger than 5 MB.'],
    ['/circle', 'The server redirected more than 3 times.'],
  ])('that can’t be fetched return 502 with the reason: %s', async (path, why) => {
    const { deliveredMedia } = await paired();
    const response = await fetch((await deliveredMedia(path)).url);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({
      error: { code: 'media_unavailable', message: `The attachment could not be fetched. ${why}` },
    });
  });

  it('are not returned for a changed link', async () => {
    const { deliveredMedia } = await paired();
    const { url } = await deliveredMedia('/cat%20photo.png');
    const later = url.replace(/expires=(\d+)/, (_: string, at: string) => `expires=${Number(at) + 1}`);
    for (const wrong of [later, url.slice(0, -1), url.replace(/signature=.*/, 'signature=')]) {
      expect((await fetch(wrong)).status).toBe(403);
    }
    expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(400);
  });

  it('of inbound messages are uploaded, belong to their message, and have a signed link', async () => {
    const { socket, upload, received, number } = await paired();
    const digest = `sha-256=:${sha256(PICTURE).toString('base64')}:`;
    const first = await upload('IMG_1', PICTURE, { 'content-digest': digest });
    expect(first.status).toBe(200);
    const stored = { id: 'IMG_1', size: PICTURE.length, sha256: sha256(PICTURE).toString('hex') };
    expect(await first.json()).toEqual(stored);
    // The device repeats the upload after a lost response.
    expect(await (await upload('IMG_1', PICTURE)).json()).toEqual(stored);
    socket.say({
      type: 'inbound',
      seq: 1,
      items: [
        {
          guid: 'with-picture',
          from: RECIPIENT,
          to: number,
          text: '',
          media: [
            { id: 'IMG_1', content_type: 'image/heic', size: PICTURE.length, name: 'IMG 1.HEIC' },
            { id: 'lost', content_type: 'video/quicktime', size: 7, name: 'lost.mov' },
          ],
        },
      ],
    });
    await socket.next('ack');
    const [message] = await received();
    expect(message).toMatchObject({ content: '', status: 'received' });
    const response = await fetch(message.media_url);
    expect(response.headers.get('content-type')).toBe('image/heic');
    expect(response.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''IMG%201.HEIC");
    expect(Buffer.from(await response.arrayBuffer()).equals(PICTURE)).toBe(true);
  });

  it('are returned even if the device reports an invalid type and name', async () => {
    const { socket, upload, received, number } = await paired();
    await upload('odd', PICTURE);
    const media = [
      { id: 'odd', content_type: 'image/png\r\nx-evil: 1', size: 1, name: 'a\ud800\u0000"b.png' },
    ];
    socket.say({
      type: 'inbound',
      seq: 1,
      items: [{ guid: 'odd', from: RECIPIENT, to: number, text: '', media }],
    });
    await socket.next('ack');
    const response = await fetch((await received())[0].media_url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('x-evil')).toBeNull();
  });

  it('are rejected with a wrong digest, above the size limit, or with an unknown device token', async () => {
    const { upload } = await paired();
    const wrong = await upload('wrong', PICTURE, { 'content-digest': `sha-256=:${'A'.repeat(43)}=:` });
    expect(wrong.status).toBe(400);
    expect(((await wrong.json()) as { error: { message: string } }).error.message).toContain(
      'The digest does not match.',
    );
    expect((await upload('odd', PICTURE, { 'content-digest': 'md5=:x:' })).status).toBe(400);
    expect((await upload('large', Buffer.alloc(1024 * 1024 + 1))).status).toBe(413);
    expect((await upload('nobody', PICTURE, { authorization: 'Bearer dev_nobody' })).status).toBe(401);
    expect((await upload('wrong', PICTURE)).status).toBe(200);
    expect((await upload('wrong', Buffer.from('other'), { 'x-content-sha256': 'a'.repeat(64) })).status).toBe(
      409,
    );
  });

  it('must have public https URLs unless HOMING_ALLOW_PRIVATE_URLS is set', async () => {
    const strict = await startHoming();
    try {
      await strict.cli('pair', '+14155556999', '--json');
      const client = clientFor(strict.url, strict.liveKey);
      for (const url of [
        'http://example.com/a.png',
        'https://127.0.0.1/a.png',
        'https://[::ffff:10.0.0.1]/a',
      ]) {
        const body = { from: '+14155556999', to: RECIPIENT, content: 'x', media_url: url };
        expect((await client.post('/v1/messages/send', body)).status).toBe(400);
      }
    } finally {
      await strict.dispose();
    }
  });

  it('aside, edits, retractions and reactions belong to the message that they change', async () => {
    const { socket, received, number } = await paired();
    const item = (change: Record<string, unknown>) => ({
      guid: 'text-1',
      from: RECIPIENT,
      to: number,
      text: '',
      ...change,
    });
    const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 8, 0, second)).toISOString();
    const items = [
      item({ text: 'see you at 9' }),
      item({
        guid: 'text-1/edited/2',
        text: 'see you at 10',
        change: { of: 'text-1', kind: 'edited', at: at(2) },
      }),
      item({ guid: 'text-1/edited/1', text: 'older', change: { of: 'text-1', kind: 'edited', at: at(1) } }),
      item({ guid: 'tap-1', reaction: { of: 'text-1', kind: 'love', removed: false } }),
      item({ guid: 'tap-1', reaction: { of: 'text-1', kind: 'love', removed: false } }),
    ];
    socket.say({ type: 'inbound', seq: 1, items });
    await socket.next('ack');
    const [message, ...others] = await received();
    expect(others).toEqual([]);
    expect(message.content).toBe('see you at 10');
    const steps = async () => (await homing.cli('messages', message.id, '--json')).json;
    expect((await steps()).map(({ step }) => step)).toEqual(['received', 'edited', 'edited', 'reaction']);
    const retraction = { of: 'text-1', kind: 'retracted', at: at(3) };
    socket.say({ type: 'inbound', seq: 2, items: [item({ guid: 'text-1/retracted', change: retraction })] });
    await socket.next('ack');
    expect((await received())[0].content).toBe('');
    expect((await steps()).at(-1)).toMatchObject({ step: 'retracted', detail: { before: 'see you at 10' } });
  });

  it('aside, messages that arrive a day late are stored and marked', async () => {
    const { socket, received, number } = await paired();
    const sent_at = new Date(Date.now() - 25 * 3_600_000).toISOString();
    const item = { guid: 'late-1', from: RECIPIENT, to: number, text: 'from yesterday', sent_at };
    socket.say({
      type: 'inbound',
      seq: 1,
      items: [item, { ...item, guid: 'on-time', text: 'from now', sent_at: undefined }],
    });
    await socket.next('ack');
    const messages = await until('both', async () => {
      const found = await received();
      return found.length === 2 && found;
    });
    const late = messages.find(({ content }: { content: string }) => content === 'from yesterday');
    const { json } = await homing.cli('messages', late.id, '--json');
    expect(json[0].detail.late).toBe(true);
    const other = messages.find(({ content }: { content: string }) => content === 'from now');
    expect((await homing.cli('messages', other.id, '--json')).json[0].detail.late).toBeUndefined();
  });
});
