/** Runs the automations in the files for iOS 27 on a simulated iPhone with a real broker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { fireAutomations, type PhoneEvent } from '../support/simulator/automations.ts';
import type { RunOptions, RunResult } from '../support/simulator/run-shortcut.ts';

/** Its keywords opt it out of messages of the account. */
const SENDER = '+14155550100';
const RECIPIENT = '+14155550101';
const MESSAGES = 'com.apple.MobileSMS';
const RUNS_MAX = 20;

const textsOf = (runs: readonly RunResult[]) => runs.flatMap(({ sent }) => sent.map(({ text }) => text));

describe('the automations in the shortcuts for iOS 27', () => {
  let homing: HomingProcess;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_SHORTCUT_RUN_SECONDS: '1' });
  });
  afterAll(() => homing.dispose());

  async function paired() {
    numbers += 1;
    const { token, number } = await createSetupLink(homing, `+1415555${3000 + numbers}`);
    const client = clientFor(homing.url, homing.liveKey);
    const [send, receive] = buildShortcuts({ url: homing.url, token }, 'ios-27');
    const stored: RunOptions['stored'] = new Map();
    const fire = (event: PhoneEvent, isOn = true) => {
      const { bytes } = (event.kind === 'message' ? receive : send)!;
      return fireAutomations({ bytes, options: { stored }, isOn }, event);
    };
    const arrives = (text: string, isOn?: boolean) =>
      fire({ kind: 'message', message: { sender: SENDER, text, recipients: [number] } }, isOn);
    const received = async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages.map(
        ({ content }: { content: string }) => content,
      );
    const queue = async (content: string) =>
      (await client.post('/v1/messages/send', { from: number, to: RECIPIENT, content })).status;
    return { client, number, fire, arrives, received, queue };
  }

  it.each([
    ['Hello there', 3],
    ['thx!', 0],
    ['Hi', 0],
    ['STOP', 1],
    ['stop', 1],
    ['START', 1],
    ['UNSUBSCRIBE', 1],
    ['CANCEL', 2],
    ['QUIT', 0],
  ])('the text "%s" fires %i triggers and is received at most once', async (text, runs) => {
    const { arrives, received } = await paired();
    expect(await arrives(text)).toHaveLength(runs);
    expect(await received()).toEqual(runs === 0 ? [] : [text]);
  });

  it('automations that are switched off receive nothing', async () => {
    const { arrives, received } = await paired();
    expect(await arrives('Hello there', false)).toEqual([]);
    expect(await received()).toEqual([]);
  });

  it.each<[string, PhoneEvent]>([
    ['a notification of Messages', { kind: 'notification', app: MESSAGES }],
    ['the charger', { kind: 'charger', isConnected: true }],
  ])('%s starts Homing Send', async (_, event) => {
    const { fire, queue } = await paired();
    expect(await queue('queued')).toBe(202);
    const [run] = await fire(event);
    expect(run!.sent.map(({ text }) => text)).toEqual(['queued']);
  });

  it.each<[string, PhoneEvent]>([
    ['a notification of another app', { kind: 'notification', app: 'com.apple.mobilemail' }],
    ['a disconnected charger', { kind: 'charger', isConnected: false }],
  ])('%s starts nothing', async (_, event) => {
    const { fire } = await paired();
    expect(await fire(event)).toEqual([]);
  });

  it('two automations at the same time send each message once', async () => {
    const { fire, queue } = await paired();
    for (const content of ['one', 'two', 'three']) expect(await queue(content)).toBe(202);
    const runs = await Promise.all([
      fire({ kind: 'notification', app: MESSAGES }),
      fire({ kind: 'charger', isConnected: true }),
    ]);
    const sent = textsOf(runs.flat());
    // A run ends after a second, in which a loaded machine may send nothing.
    for (let run = 0; run < RUNS_MAX && sent.length < 3; run += 1) {
      sent.push(...textsOf(await fire({ kind: 'charger', isConnected: true })));
    }
    sent.push(...textsOf(await fire({ kind: 'charger', isConnected: true })));
    expect(sent.toSorted()).toEqual(['one', 'three', 'two']);
  });
});
