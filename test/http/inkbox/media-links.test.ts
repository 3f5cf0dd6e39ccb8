/** Tests that texts of the Inkbox API contain the files that were uploaded to its iMessage API. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { newImessageClient } from '../../support/imessage-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, inboxOf } from '../../support/inbox.ts';

let homing: RunningBroker;

beforeAll(async () => {
  // Without private URLs: the broker accepts a link to itself only as a link to a file.
  homing = await startInProcess();
});
afterAll(() => homing?.dispose());

it('a text contains the uploaded file of its account behind a link', async () => {
  const api = await newImessageClient(homing);
  const [number] = await api.get('/numbers');
  const inbox = inboxOf(api.client, number);
  const form = new FormData();
  form.append('file', new Blob(['a photo'], { type: 'image/jpeg' }), 'photo.jpg');
  const uploaded = await fetch(`${homing.url}/api/v1/imessage/media`, {
    ...{ method: 'POST', headers: { 'x-api-key': api.client.key }, body: form },
  });
  const { media_url } = (await uploaded.json()) as { media_url: string };
  const to = '+15005550010';
  const sent = await inbox.send({ to, media_urls: [media_url] });
  expect(sent).toMatchObject({ type: 'mms', media: [{ content_type: 'image/jpeg', size: 7 }] });
  const file = await fetch(sent.media![0]!.url);
  expect([file.status, await file.text()]).toEqual([200, 'a photo']);

  const stranger = await newImessageClient(homing);
  const [otherNumber] = await stranger.get('/numbers');
  const other = inboxOf(stranger.client, otherNumber);
  expectDetail(await other.request('POST', '', { to, media_urls: [media_url] }), 422);
  expectDetail(await inbox.request('POST', '', { to, media_urls: [`${media_url}x`] }), 422);
  expectDetail(await inbox.request('POST', '', { to, media_urls: [`${homing.url}/other`] }), 422);
});
