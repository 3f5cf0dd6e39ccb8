/** Tests attachments in the Inkbox API: expiring links, downloads and limits. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { expectDetail, normalised, type PairedInbox, pairedInbox } from '../../support/inbox.ts';

const ANNA = '+14155550100';
const FILE = randomBytes(200_000);
const HOUR_MS = 3_600_000;

let homing: HomingProcess;
let files: FileServer;
let inbox: PairedInbox;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  files = await startFileServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/gif' }).end(FILE);
  });
  inbox = await pairedInbox(homing, '+14155556501');
});
afterAll(async () => {
  files?.close();
  await homing?.dispose();
});

async function receiveFile(uploadId: string): Promise<void> {
  const uploaded = await fetch(`${homing.url}/relay/v1/media/${uploadId}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${inbox.token}`, 'content-type': 'image/heic' },
    body: new Uint8Array(FILE),
  });
  expect(uploaded.status).toBe(200);
  const media = [{ id: uploadId, content_type: 'image/heic', size: FILE.length, name: 'IMG 1.HEIC' }];
  await inbox.receive({ from: ANNA, text: 'look', media });
}

describe('an attachment', () => {
  it('of an inbound text has a link that works without a key for one hour', async () => {
    await receiveFile('one');
    const requestedAt = Date.now();
    const [text] = await inbox.texts();
    expect(text!.type).toBe('mms');
    expect(normalised(text!.media)).toMatchInlineSnapshot(`
      "[
       {
        "content_type": "image/heic",
        "size": 200000,
        "url": "LINK"
       }
      ]"
    `);
    const { url } = text!.media![0]!;
    const expires = Number(new URL(url).searchParams.get('expires')) * 1000;
    expect(expires).toBeGreaterThanOrEqual(requestedAt + HOUR_MS);
    expect(expires).toBeLessThanOrEqual(Date.now() + HOUR_MS + 1_000);
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/heic']);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest()).toEqual(createHash('sha256').update(FILE).digest());
    expect(await inbox.conversations()).toMatchObject([
      { latest_text: 'look', latest_type: 'mms', latest_has_media: true },
    ]);
  });

  it('returns 403 for a link with a changed expiry or signature', async () => {
    const url = new URL((await inbox.texts())[0]!.media![0]!.url);
    for (const [name, value] of [
      ['expires', String(Number(url.searchParams.get('expires')) + 1)],
      ['expires', '1'],
      ['signature', 'A'.repeat(43)],
    ] as const) {
      const changed = new URL(url);
      changed.searchParams.set(name, value);
      expect((await fetch(changed)).status, String(changed)).toBe(403);
    }
  });

  it('of an outbound text is downloaded on the first request of its link', async () => {
    const requestedAt = files.requested.length;
    const sent = await inbox.send({ to: ANNA, text: 'a cat', media_urls: [`${files.url}/cat.png`] });
    expect(files.requested).toHaveLength(requestedAt);
    const [before] = sent.media!;
    expect(before).toMatchObject({ content_type: 'image/png', size: null });
    expect(before!.url).toMatch(new RegExp(`^${homing.url}/media/med_`));
    expect((await fetch(before!.url)).status).toBe(200);
    const { body } = await inbox.request('GET', `/${sent.id}`);
    // The download determined the type and the size.
    expect(body.media).toMatchObject([{ content_type: 'image/gif', size: FILE.length }]);
    expect(files.requested).toHaveLength(requestedAt + 1);
  });

  it('that is not available returns 404 at its link', async () => {
    await inbox.receive({
      from: ANNA,
      text: '',
      media: [{ id: 'lost', content_type: 'video/quicktime', size: 7, name: 'lost.mov' }],
    });
    const [text] = await inbox.texts();
    expect(text!.media).toMatchObject([{ content_type: 'video/quicktime', size: 7 }]);
    expect((await fetch(text!.media![0]!.url)).status).toBe(404);
  });

  it('is one of at most ten, each with an allowed URL', async () => {
    const url = `${files.url}/a.png`;
    const many = await inbox.send({ to: ANNA, media_urls: Array.from({ length: 10 }, () => url) });
    expect(many.media).toHaveLength(10);
    expect(new Set(many.media!.map((one) => one.url)).size).toBe(10);
    expectDetail(await inbox.request('POST', '', { to: ANNA, media_urls: Array(11).fill(url) }), 422);
    expectDetail(await inbox.request('POST', '', { to: ANNA, media_urls: ['ftp://example.com/a'] }), 422);
  });
});
