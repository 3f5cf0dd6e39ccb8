/** Tests attachments of the TextUs API: download, validation, fields and links. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor, createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createTextusClient,
  expectEmptyResponse,
  expectErrorResponse,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

const TO = '+15005550010';
const LIMIT = 525 * 1024;

/** An image of 1 × 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAIAAAAW4yFwAAAAD0lEQVR4nGP4z8DAxMAAAAYEAQHj7DcCAAAAAElFTkSuQmCC',
  'base64',
);
const GIF = Buffer.from('R0lGODlhAwAEAIAAAP///wAAACwAAAAAAwAEAAACA4SPWQA7', 'base64');
/** The signature of a JPEG and the frame header with its size, 7 × 5 pixels. */
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b080005000701011100ffd9', 'hex');
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');
const RTF = Buffer.from('{\\rtf1\\ansi Hi}');
const ICS = Buffer.from('BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n');
const VCF = Buffer.from('\ufeffBEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VCARD\n');
const sized = (bytes: Buffer, size: number) => Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);

const FILES: Record<string, Buffer> = {
  '/a%20cat.png': PNG,
  '/cat.gif': GIF,
  '/cat.jpg': JPEG,
  '/doc.pdf': PDF,
  '/doc.rtf': RTF,
  '/event.ics': ICS,
  '/card.vcf': VCF,
  '/just-under.pdf': sized(PDF, LIMIT - 1),
  '/too-large.pdf': sized(PDF, LIMIT),
  '/empty.png': Buffer.alloc(0),
  '/broken-off.png': PNG.subarray(0, 12),
  '/program.exe': Buffer.from('MZ\x90\0'),
  '/page.html': Buffer.from('<html><script>alert(1)</script></html>'),
};

let homing: RunningBroker;
let files: FileServer;
let sandbox: TextusClient;

beforeAll(async () => {
  homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  files = await startFileServer((request, response) => {
    const bytes = FILES[request.url!];
    if (request.url === '/moved') response.writeHead(302, { location: '/cat.gif' }).end();
    else if (bytes === undefined) response.writeHead(404).end();
    // The broker ignores the content type of the server.
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
  });
  sandbox = textusClient(homing.url, homing.testKey);
});
afterAll(async () => {
  files.close();
  await homing.dispose();
});

const attached = (path: string, content_type: string) => ({
  attachments: [{ media_url: `${files.url}${path}`, content_type }],
});
const send = (path: string, type: string, more: Record<string, unknown> = {}) =>
  sandbox.post('/messages', { to: TO, ...attached(path, type), ...more });

describe('POST /messages with an attachment', () => {
  it('returns the attachment with all keys in order', async () => {
    const response = await send('/a%20cat.png', 'image/png', { body: 'Look' });
    expect(response.status, response.text).toBe(201);
    expect(normalized(response.body.attachments)).toMatchInlineSnapshot(`
      "{
        "@context": "/contexts/hydra:Collection.jsonld",
        "@type": "hydra:Collection",
        "id": "/messages/<id>/attachments",
        "members": [
          {
            "@type": "Attachment",
            "@context": "/contexts/Attachment.jsonld",
            "id": "/attachments/<id>",
            "url": "<link>",
            "downloadUrl": "<link>",
            "key": "<sha256>.png",
            "contentType": "image/png",
            "size": 72,
            "width": 1,
            "height": 2,
            "originalFilename": "a cat.png"
          }
        ],
        "totalItems": 1
      }"
    `);
  });

  it('returns links that serve the same bytes', async () => {
    const [attachment] = (await send('/a%20cat.png', 'image/png')).body.attachments.members;
    for (const url of [attachment.url, attachment.downloadUrl]) {
      const file = await fetch(url);
      expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/png']);
      expect(Buffer.from(await file.arrayBuffer())).toEqual(PNG);
    }
    expect(attachment.key).toBe(`${createHash('sha256').update(PNG).digest('hex')}.png`);
  });

  it('creates an attachment that is returned by its IRI and by its message', async () => {
    const { body } = await send('/a%20cat.png', 'image/png', { body: 'Look' });
    const [attachment] = body.attachments.members;
    expect(normalized((await sandbox.get(attachment.id)).body)).toBe(normalized(attachment));
    const list = (await sandbox.get(body.attachments.id)).body;
    expect(list).toMatchObject({ id: body.attachments.id, totalItems: 1, cursor: null });
    expect(normalized(list.members)).toBe(normalized([attachment]));
  });

  it.each([
    ['/a%20cat.png', 'image/png', 'png', 1, 2],
    ['/cat.gif', 'image/gif', 'gif', 3, 4],
    ['/cat.jpg', 'image/jpeg', 'jpg', 7, 5],
    ['/cat.jpg', 'IMAGE/JPG; q=1', 'jpg', 7, 5],
    ['/doc.pdf', 'application/pdf', 'pdf', null, null],
    ['/doc.rtf', 'application/rtf', 'rtf', null, null],
    ['/doc.rtf', 'text/rtf', 'rtf', null, null],
    ['/event.ics', 'text/calendar; charset=utf-8', 'ics', null, null],
    ['/card.vcf', 'text/vcard', 'vcf', null, null],
    ['/card.vcf', 'text/x-vcard', 'vcf', null, null],
    ['/moved', 'image/gif', 'gif', 3, 4],
    ['/just-under.pdf', 'application/pdf', 'pdf', null, null],
  ])('accepts the file %s with the type %s', async (path, type, extension, width, height) => {
    const response = await send(path, type);
    expect(response.status, response.text).toBe(201);
    const [attachment] = response.body.attachments.members;
    expect(attachment).toMatchObject({ width, height });
    expect(attachment.contentType).toBe(type.split(';')[0]!.toLowerCase());
    expect(attachment.key).toMatch(new RegExp(`^[0-9a-f]{64}\\.${extension}$`));
  });

  it('needs no text', async () => {
    expect((await send('/doc.pdf', 'application/pdf')).body.body).toBe('');
  });

  it('creates one attachment per recipient and stores the file once', async () => {
    const to = ['+15005550160', '+15005550161', '+15005550162'];
    const rows = () => rowsOf(homing, 'SELECT position FROM media_chunks');
    const before = (await rows()).length;
    expectEmptyResponse(await send('/a%20cat.png', 'image/png', { to }), 202);
    expect(await rows()).toHaveLength(before + 1);
    const ids = new Set<string>();
    for (const phone of to) {
      const [message] = await messagesWith(sandbox, 'default', phone, 1);
      const [attachment] = message.attachments.members;
      ids.add(attachment.id);
      expect(attachment).toMatchObject({ width: 1, height: 2, size: PNG.length });
      expect(Buffer.from(await (await fetch(attachment.url)).arrayBuffer())).toEqual(PNG);
    }
    expect(ids.size).toBe(3);
  });

  it('returns the sender’s URL in other APIs', async () => {
    const { body } = await send('/cat.gif', 'image/gif');
    const id = body.id.replace('/messages/', 'msg_');
    const other = await clientFor(homing.url, homing.testKey).get(`/v1/messages/${id}`);
    expect(other.body.media_url).toBe(`${files.url}/cat.gif`);
  });
});

describe('POST /messages', () => {
  it.each([
    ['/cat.gif', 'image/png'],
    ['/program.exe', 'image/png'],
    ['/program.exe', 'application/pdf'],
    ['/page.html', 'text/rtf'],
    ['/page.html', 'text/calendar'],
    ['/card.vcf', 'text/calendar'],
    ['/event.ics', 'text/vcard'],
    ['/empty.png', 'image/png'],
    ['/broken-off.png', 'image/png'],
  ])('returns 422 for the file %s with the type %s', async (path, type) => {
    expectErrorResponse(await send(path, type), 422, 'attachments[0].content_type');
  });

  it.each(['text/html', 'application/x-msdownload', 'image/svg+xml', 'image', '', 'image/heic'])(
    'returns 422 for the type %j without a download',
    async (type) => {
      const before = files.requested.length;
      expectErrorResponse(await send('/page.html', type), 422, 'attachments[0].content_type');
      expect(files.requested.length).toBe(before);
    },
  );

  it('returns 422 for a file of 525 KB', async () => {
    expectErrorResponse(await send('/too-large.pdf', 'application/pdf'), 422, 'attachments[0].media_url');
  });

  it('returns 422 if the download fails', async () => {
    expectErrorResponse(await send('/nowhere', 'image/png'), 422, 'attachments[0].media_url');
    const closed = { media_url: 'http://127.0.0.1:1/a.png', content_type: 'image/png' };
    expectErrorResponse(
      await sandbox.post('/messages', { to: TO, attachments: [closed] }),
      422,
      'attachments[0].media_url',
    );
  });

  it.each(['cat.png', 'ftp://example.com/cat.png', 'data:image/png;base64,AA', 'file:///etc/passwd', 7])(
    'returns 422 for the media_url %s',
    async (media_url) => {
      const attachments = [{ media_url, content_type: 'image/png' }];
      expectErrorResponse(
        await sandbox.post('/messages', { to: TO, attachments }),
        422,
        'attachments[0].media_url',
      );
    },
  );

  it('returns 422 for two attachments', async () => {
    const { attachments } = attached('/cat.gif', 'image/gif');
    const two = [...attachments, ...attachments];
    expectErrorResponse(await sandbox.post('/messages', { to: TO, attachments: two }), 422, 'attachments');
  });

  it('returns 402 without a download if the plan does not include media', async () => {
    await createAccount(homing, 'small', 'free');
    const small = await createTextusClient(homing, { account: 'small' });
    const before = files.requested.length;
    expectErrorResponse(await small.post('/messages', { to: TO, ...attached('/cat.gif', 'image/gif') }), 402);
    expect(files.requested.length).toBe(before);
  });

  it('returns 404 for the attachment of a rejected message', async () => {
    const response = await send('/doc.pdf', 'application/pdf', { from: '+15005550032' });
    expectErrorResponse(response, 422, 'from');
    const [media] = await rowsOf(
      homing,
      "SELECT id, message_id FROM media WHERE source_url LIKE '%/doc.pdf' ORDER BY id DESC",
    );
    expect(media?.message_id).toBeNull();
    expectErrorResponse(await sandbox.get(`/attachments/${media?.id}`), 404);
  });
});

describe('POST /messages on a broker without private URLs', () => {
  it('returns 422 for a private media_url', async () => {
    const strict = await startInProcess();
    try {
      const client = textusClient(strict.url, strict.testKey);
      for (const media_url of [
        `${files.url}/cat.gif`,
        'https://10.0.0.1/cat.gif',
        'https://localhost/cat.gif',
      ]) {
        const attachments = [{ media_url, content_type: 'image/gif' }];
        expectErrorResponse(
          await client.post('/messages', { to: TO, attachments }),
          422,
          'attachments[0].media_url',
        );
      }
    } finally {
      await strict.dispose();
    }
  });
});
