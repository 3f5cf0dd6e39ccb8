/** Tests attachments of outbound messages: download, folder of Messages, and matching of their rows. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type FileServer, startFileServer } from '../support/file-server.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const PICTURE = randomBytes(150_000);

describe('outbound attachments on the Mac', () => {
  let homing: HomingProcess;
  let files: FileServer;
  let mac: FakeMac;
  let isUnavailable = false;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2', HOMING_ALLOW_PRIVATE_URLS: '1' });
    files = await startFileServer((request, response) => {
      if (request.url === '/missing.png') response.writeHead(404).end();
      else if (request.url === '/flaky.png' && isUnavailable) response.writeHead(503).end();
      else response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
      isUnavailable = false;
    });
  });
  afterAll(async () => {
    files.close();
    await homing.dispose();
  });
  afterEach(() => mac.dispose());

  async function paired() {
    const found = await pairMac(homing);
    mac = found.mac;
    const sendFile = (content: string, path: string) =>
      found.send(content, RECIPIENT, { media_url: files.url + path });
    return { ...found, sendFile };
  }
  const sentParts = () =>
    mac.calls().map(({ file, bytes, text }) => (file === undefined ? text : [file, bytes]));

  it('an attachment and then its text are sent as one message', async () => {
    const { sendFile, reaches, steps, outbound } = await paired();
    mac.start();
    const id = await sendFile('a cat', '/cat%20one.png?size=2');
    await reaches(id, 'delivered');
    expect(sentParts()).toEqual([['cat one.png', PICTURE.length], 'a cat']);
    expect((await steps(id)).map(({ step }) => step)).toEqual([
      ...['accepted', 'handed_out', 'sending', 'sent', 'delivered'],
    ]);
    expect(await outbound()).toHaveLength(1);
  });

  it('an attachment is sent under a name with the extension of its type', async () => {
    const { sendFile, reaches } = await paired();
    mac.start();
    await reaches(await sendFile('x', '/download?id=7'), 'delivered');
    expect(sentParts()[0]).toEqual(['download.png', PICTURE.length]);
  });

  it('a message with an unavailable attachment is not sent', async () => {
    const { sendFile, reaches, send } = await paired();
    mac.start();
    const id = await sendFile('no cat', '/missing.png');
    expect(await reaches(id, 'failed')).toMatchObject({
      error_code: 'media_unavailable',
      error_message: 'The attachment could not be fetched. The server responded with 404.',
    });
    await reaches(await send('goes on'), 'delivered');
    expect(sentParts()).toEqual(['goes on']);
    expect(readdirSync(join(mac.folder, 'Library/Messages/Attachments/homing'))).toEqual([]);
  });

  it('a failed download is retried', async () => {
    const { sendFile, reaches } = await paired();
    mac.start();
    isUnavailable = true;
    await reaches(await sendFile('patience', '/flaky.png'), 'delivered');
  });

  it('a failed part is reported with the number of sent parts', async () => {
    const { sendFile, reaches } = await paired();
    mac.behave(RECIPIENT, 'text fails');
    mac.start();
    const id = await sendFile('the text', '/cat.png');
    const failed = await reaches(id, 'failed');
    expect(failed.error_message).toContain('1 of 2 parts (attachments, then the text) were sent.');
    expect(mac.calls()).toHaveLength(2);
  });

  it.each([
    'beginPart:before',
    'markHanded:before',
    'markHanded:after',
    'markMatched:before',
    'markMatched:after',
  ])('each part is sent once although the agent is killed at %s of the first', async (crashAt) => {
    const { sendFile, reaches } = await paired();
    if (crashAt.startsWith('markHanded')) mac.behave(RECIPIENT, 'late row');
    mac.start({ crashAt });
    const id = await sendFile('survives', '/cat.png');
    await until('the agent to die', () => !mac.isRunning());
    mac.start();
    await reaches(id, 'delivered');
    expect(sentParts()).toEqual([['cat.png', PICTURE.length], 'survives']);
  });

  it('the next start of the agent deletes old staged files', async () => {
    const { sendFile, reaches } = await paired();
    mac.start();
    await reaches(await sendFile('x', '/cat.png'), 'delivered');
    const folder = join(mac.folder, 'Library/Messages/Attachments/homing');
    expect(readdirSync(folder)).toHaveLength(1);
    await mac.end();
    const [own] = readdirSync(folder);
    mac.age(join('Library/Messages/Attachments/homing', own!), 3);
    mac.start();
    await until('the file to be gone', () => !existsSync(join(folder, own!)));
  });
});
