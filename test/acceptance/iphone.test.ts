/** Runs the shortcuts of `homing shortcuts build` on a simulated iPhone with a real broker, with and without faults. */
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../support/file-server.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink, platformOf } from '../support/setup-link.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';
import { until } from '../support/until.ts';

const CONTACT = '+14155550100';
const PICTURE = randomBytes(20_000);
const NAMES = { send: 'Homing Send', receive: 'Homing Receive', check: 'Homing Check' };

describe('an iPhone', () => {
  let homing: HomingProcess;
  let network: FlakyProxy;
  let files: FileServer;
  const shortcuts: Record<string, Uint8Array> = {};
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({
      HOMING_SHORTCUT_RUN_SECONDS: '3',
      HOMING_REPORT_TIMEOUT_SECONDS: '4',
      HOMING_ALLOW_PRIVATE_URLS: '1',
    });
    network = await startFlakyProxy(Number(new URL(homing.url).port));
    files = await startFileServer((_, response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE),
    );
    const folder = join(homing.dataDir, 'shortcuts');
    // The phone connects through the proxy; the import questions set the token.
    expect((await homing.cli('shortcuts', 'build', '--url', network.url, '--out', folder)).status).toBe(0);
    for (const [slug, name] of Object.entries(NAMES)) {
      shortcuts[slug] = readFileSync(join(folder, `${name}.shortcut`));
    }
    rmSync(folder, { recursive: true });
  });
  afterAll(async () => {
    network.close();
    files.close();
    await homing.dispose();
  });

  async function paired() {
    numbers += 1;
    const { device, token, number, setup_url } = await createSetupLink(homing, `+1415555${9100 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const run = (slug: keyof typeof NAMES, options: RunOptions = {}) =>
      runShortcut(shortcuts[slug]!, { answers: [undefined, token], ...options });
    const send = async (content: string, more: Record<string, unknown> = {}) =>
      (await client.post('/v1/messages/send', { from: number, to: CONTACT, content, ...more })).body
        .id as string;
    const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
    const reaches = (id: string, status: string) =>
      until(`${id} to be ${status}`, async () => {
        const found = await message(id);
        return found.status === status && found;
      });
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages;
    return { device, token, number, setup_url, client, run, send, message, reaches, received };
  }

  it('Homing Send sends and reports queued and new messages until the broker stops it', async () => {
    const { run, send, reaches } = await paired();
    const text = `Grüße 👋🏽 "x" \\ %20 ${'ß'.repeat(4_900)}`;
    const waiting = [await send(text), await send('second')];
    const running = run('send');
    await reaches(waiting[1]!, 'sent');
    const later = await send('while it runs');
    const { sent, ended } = await running;
    expect(ended).toBe('exit');
    expect(sent.map(({ to, text: content }) => [to, content])).toEqual([
      [CONTACT, text],
      [CONTACT, 'second'],
      [CONTACT, 'while it runs'],
    ]);
    for (const id of [...waiting, later]) await reaches(id, 'sent');
  });

  it('Homing Send sends an attachment with its text', async () => {
    const { run, send, reaches } = await paired();
    const id = await send('a cat', { media_url: `${files.url}/cat.png` });
    const { sent } = await run('send');
    expect(sent).toHaveLength(1);
    expect(sent[0]!.text).toBe('a cat');
    expect(Buffer.from(sent[0]!.files[0]!.bytes).equals(PICTURE)).toBe(true);
    await reaches(id, 'sent');
  });

  it('a phone that falls asleep after a send does not send again, and the message is unconfirmed', async () => {
    const { run, send, reaches } = await paired();
    const id = await send('once');
    const { sent, ended } = await run('send', { onSend: () => 'sleep' });
    expect([sent.length, ended]).toEqual([1, 'asleep']);
    expect((await run('send')).sent).toEqual([]);
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
    expect((await run('send')).sent).toEqual([]);
  });

  it('a lost report does not cause a second send', async () => {
    const { run, send, reaches } = await paired();
    const id = await send('report lost');
    const { sent, ended } = await run('send', {
      onSend: () => {
        network.refuse();
        return undefined;
      },
    });
    expect([sent.length, ended]).toEqual([1, 'failed']);
    network.allow();
    expect((await run('send')).sent).toEqual([]);
    await reaches(id, 'failed');
  });

  it('two runs at the same time send each message once, and the newer run continues', async () => {
    const { device, run, send, reaches } = await paired();
    const first = run('send');
    await until('the first run to connect', async () => (await platformOf(homing, device)) === 'ios');
    const second = run('send');
    const ids = [await send('one'), await send('two')];
    const [older, newer] = await Promise.all([first, second]);
    expect(older).toMatchObject({ ended: 'exit' });
    // On a loaded machine, the second message may come after the end of the run.
    const next = await run('send');
    const sent = [...older.sent, ...newer.sent, ...next.sent];
    expect(sent.map(({ text }) => text).sort()).toEqual(['one', 'two']);
    expect(newer.sent).not.toEqual([]);
    for (const id of ids) await reaches(id, 'sent');
  });

  it('a failed send ends the run without a report', async () => {
    const { run, send, reaches } = await paired();
    const id = await send('no signal');
    const { sent, ended, problem } = await run('send', { onSend: () => 'fail' });
    expect([sent, ended]).toEqual([[], 'failed']);
    expect(problem).toContain('sendmessage');
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
  });

  it('a replaced token stops the run with a notification', async () => {
    const { run, send, setup_url, message } = await paired();
    await send('first');
    const { sent, ended, shown } = await run('send', {
      onSend: async () => {
        const code = new URL(setup_url).searchParams.get('token');
        await clientFor(homing.url).post('/relay/v1/pair', { code });
        return undefined;
      },
    });
    expect(sent).toHaveLength(1);
    expect(['exit', 'done', 'failed']).toContain(ended);
    const id = await send('second');
    const again = await run('send');
    expect(again.sent).toEqual([]);
    expect([...shown, ...again.shown].map(({ text }) => text).join()).toContain('Invalid device token');
    expect((await message(id)).status).toBe('queued');
  });

  it('the next run continues after a restart of the broker during a request', async () => {
    const { device, run, send, reaches } = await paired();
    const running = run('send');
    await until('the run to connect', async () => (await platformOf(homing, device)) === 'ios');
    await homing.kill();
    expect((await running).ended).toBe('failed');
    await homing.restart();
    const id = await send('after');
    expect((await run('send')).sent.map(({ text }) => text)).toEqual(['after']);
    await reaches(id, 'sent');
  });

  it('Homing Receive reports a message once, also if its automation runs twice', async () => {
    const { run, received } = await paired();
    const input = { sender: '+1 (415) 555-0100', text: `hi 👋🏽\n${'ß'.repeat(5_000)}` };
    for (const _ of [1, 2]) expect((await run('receive', { input })).ended).not.toBe('failed');
    const texts = await received();
    // Two runs around a full minute count as two messages.
    expect(new Set(texts.map(({ content }: { content: string }) => content))).toEqual(new Set([input.text]));
    expect(texts[0].from).toBe(CONTACT);
    expect(texts.length).toBeLessThanOrEqual(2);
  });

  it('Homing Receive explains a contact name in place of a number', async () => {
    const { run, received } = await paired();
    const { shown } = await run('receive', { input: { sender: 'Mum', text: 'hi' } });
    expect(shown.map(({ text }) => text).join()).toContain("'Mum' is the name of a contact");
    expect(await received()).toEqual([]);
  });

  it('Homing Check confirms the set-up and sends a test message', async () => {
    const { run, number } = await paired();
    const { sent, shown } = await run('check');
    expect(shown.map(({ text }) => text).join()).toContain(`This iPhone sends and receives for ${number}`);
    expect(sent.map(({ to, text }) => [to, text.slice(0, 13)])).toEqual([[number, 'Homing works.']]);
  });
});
