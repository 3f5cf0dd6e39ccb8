/** Attachments of texts, behind links of the broker's own. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { expectDetail, normalised, type PairedInbox, pairedInbox } from '../../support/inbox.ts';

const ANNA = '+14155550100';
const PICTURE = randomBytes(200_000);
const HOUR_MS = 3_600_000;

let homing: HomingProcess;
let files: FileServer;
let inbox: PairedInbox;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  files = await startFileServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/gif' }).end(PICTURE);
  });
  inbox = await pairedInbox(homing, '+14155556501');
});
afterAll(async () => {
  files?.close();
  await homing?.dispose();
});

async function receivePicture(uploadId: string): Promise<void> {
  const uploaded = await fetch(`${homing.url}/relay/v1/media/${uploadId}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${inbox.token}`, 'content-type': 'image/heic' },
    body: new Uint8Array(PICTURE),
  });
  expect(uploaded.status).toBe(200);
  const media = [{ id: uploadId, content_type: 'image/heic', size: PICTURE.length, name: 'IMG 1.HEIC' }];
  await inbox.receive({ from: ANNA, text: 'look', media });
}

describe('an attachment', () => {
  it('that came in is behind a link that works without a key, for an hour', async () => {
    await receivePicture('one');
    const asked = Date.now();
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
    expect(expires).toBeGreaterThanOrEqual(asked + HOUR_MS);
    expect(expires).toBeLessThanOrEqual(Date.now() + HOUR_MS + 1_000);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/heic']);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest()).toEqual(
      createHash('sha256').update(PICTURE).digest(),
    );
    expect(await inbox.conversations()).toMatchObject([
      { latest_text: 'look', latest_type: 'mms', latest_has_media: true },
    ]);
  });

  it('is not given for a link whose end was moved, or that was made up', async () => {
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

  it('that was sent is behind a link too, and fetched when somebody first asks', async () => {
    const asked = files.asked.length;
    const sent = await inbox.send({ to: ANNA, text: 'a cat', media_urls: [`${files.url}/cat.png`] });
    expect(files.asked).toHaveLength(asked);
    const [before] = sent.media!;
    expect(before).toMatchObject({ content_type: 'image/png', size: null });
    expect(before!.url).toMatch(new RegExp(`^${homing.url}/media/med_`));
    expect((await fetch(before!.url)).status).toBe(200);
    const { body } = await inbox.request('GET', `/${sent.id}`);
    // By now it is known what it really is.
    expect(body.media).toMatchObject([{ content_type: 'image/gif', size: PICTURE.length }]);
    expect(files.asked).toHaveLength(asked + 1);
  });

  it('that cannot be had says so at its link', async () => {
    await inbox.receive({
      from: ANNA,
      text: '',
      media: [{ id: 'lost', content_type: 'video/quicktime', size: 7, name: 'lost.mov' }],
    });
    const [text] = await inbox.texts();
    expect(text!.media).toMatchObject([{ content_type: 'video/quicktime', size: 7 }]);
    expect((await fetch(text!.media![0]!.url)).status).toBe(404);
  });

  it('may be one of ten, each an address that the broker may fetch', async () => {
    const url = `${files.url}/a.png`;
    const many = await inbox.send({ to: ANNA, media_urls: Array.from({ length: 10 }, () => url) });
    expect(many.media).toHaveLength(10);
    expect(new Set(many.media!.map((one) => one.url)).size).toBe(10);
    expectDetail(await inbox.request('POST', '', { to: ANNA, media_urls: Array(11).fill(url) }), 422);
    expectDetail(await inbox.request('POST', '', { to: ANNA, media_urls: ['ftp://example.com/a'] }), 422);
  });
});
