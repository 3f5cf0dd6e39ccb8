/** Runs Homing Send for iOS 27 on a simulated iPhone with a real broker: its journal after lost reports and crashes. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createRandom } from '../support/random.ts';
import { createSetupLink } from '../support/setup-link.ts';
import type { Content } from '../support/simulator/content.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';
import { until } from '../support/until.ts';

const CONTACT = '+14155550100';

describe('an iPhone with iOS 27', () => {
  let homing: HomingProcess;
  let network: FlakyProxy;
  let numbers = 0;
  const files: Record<string, Uint8Array> = {};
  beforeAll(async () => {
    homing = await startHoming({
      HOMING_SHORTCUT_RUN_SECONDS: '2',
      HOMING_REPORT_TIMEOUT_SECONDS: '2',
      HOMING_MESSAGES_PER_SECOND: '0',
    });
    network = await startFlakyProxy(Number(new URL(homing.url).port));
    const folder = join(homing.dataDir, 'shortcuts');
    for (const edition of ['ios-16', 'ios-27']) {
      const options = ['--url', network.url, '--out', folder, '--edition', edition];
      expect((await homing.cli('shortcuts', 'build', ...options)).status).toBe(0);
      files[edition] = readFileSync(join(folder, 'Homing Send.shortcut'));
    }
    rmSync(folder, { recursive: true });
  });
  afterAll(async () => {
    network.close();
    await homing.dispose();
  });

  /** `stored` is the journal of the phone, which outlives its runs. */
  async function paired(edition = 'ios-27') {
    numbers += 1;
    const { token, number } = await createSetupLink(homing, `+1415555${6000 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const stored = new Map<string, Content>();
    const run = (options: RunOptions = {}) =>
      runShortcut(files[edition]!, { answers: [undefined, token], stored, ...options });
    const send = async (content: string) =>
      (await client.post('/v1/messages/send', { from: number, to: CONTACT, content })).body.id as string;
    const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
    const reaches = (id: string, status: string) =>
      until(`${id} to be ${status}`, async () => {
        const found = await message(id);
        return found.status === status && found;
      });
    return { stored, run, send, message, reaches };
  }

  /** Waits until a phone of the older edition has lost a message that it received now. */
  async function reportTimeoutPasses() {
    const older = await paired('ios-16');
    const id = await older.send('without a journal');
    await older.run({ onSend: () => 'sleep' });
    await older.reaches(id, 'failed');
  }

  const loseReport: RunOptions = {
    onSend: () => {
      network.refuse();
      return undefined;
    },
  };

  it('a lost report is sent by the next run, long after the report timeout', async () => {
    const { stored, run, send, message, reaches } = await paired();
    const id = await send('report lost');
    const { sent, ended } = await run(loseReport);
    network.allow();
    expect([sent.length, ended, stored.size]).toEqual([1, 'failed', 1]);
    await reportTimeoutPasses();
    expect((await message(id)).status).toBe('polling');
    expect((await run()).sent).toEqual([]);
    expect(stored.size).toBe(0);
    const { error_code } = await reaches(id, 'sent');
    expect(error_code ?? null).toBeNull();
  });

  it('a lost report is sent by the next run after a restart of the broker', async () => {
    const { run, send, message, reaches } = await paired();
    const id = await send('report lost');
    await run(loseReport);
    network.allow();
    await homing.kill();
    await homing.restart();
    await reportTimeoutPasses();
    expect((await message(id)).status).toBe('polling');
    expect((await run()).sent).toEqual([]);
    await reaches(id, 'sent');
  });

  it.each<[string, RunOptions]>([
    ['falls asleep right after a send', { onSend: () => 'sleep' }],
    ['cannot send', { onSend: () => 'fail' }],
  ])('the message of a phone that %s ends unconfirmed and is not sent again', async (_, options) => {
    const { stored, run, send, reaches } = await paired();
    const id = await send('perhaps');
    await run(options);
    expect([...stored.values()].flat().map(({ value }) => value)).toEqual([
      expect.stringMatching(`^sending ${id} lse_`),
    ]);
    expect((await run()).sent).toEqual([]);
    expect(stored.size).toBe(0);
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
    expect((await run()).sent).toEqual([]);
  });

  it('a message without an entry is not sent again, because a paused run may send it later', async () => {
    const { stored, run, send, reaches } = await paired();
    const id = await send('once');
    await run(loseReport);
    network.allow();
    stored.clear();
    expect((await run()).sent).toEqual([]);
    expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
  });

  it('a run that starts while an older one sends a message does not fail it', async () => {
    const { run, send, reaches } = await paired();
    const id = await send('slowly');
    const { sent } = await run({
      onSend: async () => {
        await run();
        return undefined;
      },
    });
    expect(sent).toHaveLength(1);
    await reaches(id, 'sent');
  });

  it('runs that end at random moments send no message twice, and no unsent message counts as sent', async () => {
    const { stored, run, send, message } = await paired();
    const random = createRandom(40);
    let runs = 0;
    const ids: string[] = [];
    for (let place = 0; place < 12; place += 1) ids.push(await send(`text ${place}`));
    const sent: string[] = [];
    const onSend = ({ text }: { text: string }) => {
      sent.push(text);
      if (random() < 0.2) network.refuse();
      return random() < 0.2 ? ('sleep' as const) : undefined;
    };
    const isOpen = async (id: string) => ['queued', 'polling'].includes((await message(id)).status);
    const areAllDone = async () => !(await Promise.all(ids.map(isOpen))).includes(true);
    await until(
      'every message to have a result',
      async () => {
        // Longer from run to run, so that a slow machine makes progress.
        runs += 1;
        await run({ onSend, signal: AbortSignal.timeout(Math.floor(random() * (100 + 20 * runs))) });
        network.allow();
        return areAllDone();
      },
      60_000,
    );
    expect(sent.toSorted()).toEqual([...new Set(sent)].toSorted());
    for (const [place, id] of ids.entries()) {
      const { status, error_code } = await message(id);
      const wasSent = sent.includes(`text ${place}`);
      expect([id, status, error_code ?? null]).toEqual(
        status === 'sent' && wasSent ? [id, 'sent', null] : [id, 'failed', 'unconfirmed'],
      );
    }
    expect(stored.size).toBeLessThanOrEqual(1);
  });

  it('an entry of an unknown message is deleted', async () => {
    const { stored, run, send, reaches } = await paired();
    for (const entry of ['sent msg_unknown lse_unknown', 'sent msg_ nonsense']) {
      stored.set('Homing Send', [{ kind: 'text', value: entry }]);
      const id = await send('next');
      expect((await run()).sent).toHaveLength(1);
      expect(stored.size).toBe(0);
      await reaches(id, 'sent');
    }
  });
});
