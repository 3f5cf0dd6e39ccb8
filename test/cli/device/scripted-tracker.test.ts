/** Tests the tracker of the scripted device with a manual clock. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal, type Journal, memoryJournal } from '../../../cli/device/journal.ts';
import { DEFAULT_SCRIPT, type Script } from '../../../cli/device/script.ts';
import { ScriptedTracker } from '../../../cli/device/scripted-tracker.ts';
import { Outbox, type OutboxFrame } from '../../../relay-agent/transport/outbox.ts';
import type { DeliverItem } from '../../../shared/protocol.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function open(journal: Journal | undefined, script: Partial<Script> = {}) {
  const clock = createManualClock();
  const sent: OutboxFrame[] = [];
  const outbox = new Outbox({ after: clock.after });
  const tracker = new ScriptedTracker({
    ...clock,
    script: { ...DEFAULT_SCRIPT, ...script },
    journal,
    outbox,
  });
  outbox.connected((frame) => sent.push(frame));
  /** Returns the reports since the last call, as `message lease state`. */
  const reports = async () => {
    await Promise.resolve();
    return sent
      .splice(0)
      .flatMap((frame) => (frame.type === 'report' ? frame.items : []))
      .map(({ message, lease, state }) => `${message} ${lease} ${state}`);
  };
  const acknowledge = (seq: number) => {
    const frame = outbox.acknowledged('report', seq);
    if (frame?.type === 'report') tracker.acknowledged(frame.items);
  };
  return { clock, tracker, acknowledge, sent, reports };
}

const item = (message: string, lease: string): DeliverItem => ({
  message,
  lease,
  attempt: 1,
  to: '+14155550100',
  from: '+14155550199',
  text: 'Hi',
  media: [],
  service: 'auto',
  expires_at: '2030-01-01T00:00:00.000Z',
});

describe('a device with a journal', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-journal-'));
    file = join(folder, 'journal.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const sentLines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"reported"') && line.includes('"sent"'));

  it('a redelivered message is reported with its new lease and is not sent again', async () => {
    const { tracker, reports } = open(fileJournal(file));
    tracker.take(item('m', 'l1'));
    expect(await reports()).toEqual(['m l1 sending', 'm l1 sent', 'm l1 delivered']);
    tracker.take(item('m', 'l2'));
    expect(await reports()).toEqual(['m l2 sending', 'm l2 sent', 'm l2 delivered']);
    expect(sentLines()).toHaveLength(1);
  });

  it('a restart repeats unacknowledged reports and keeps their lease', async () => {
    const first = open(fileJournal(file));
    first.tracker.take(item('acknowledged', 'l1'));
    await first.reports();
    first.acknowledge(1);
    first.tracker.take(item('m', 'l2'));
    await first.reports();

    const second = open(fileJournal(file));
    expect(await second.reports()).toEqual(['m l2 sending', 'm l2 sent', 'm l2 delivered']);
    expect(second.tracker.inFlightLeases()).toEqual(['l2']);
    second.acknowledge(1);
    expect(second.tracker.inFlightLeases()).toEqual([]);
    expect(second.tracker.finishedCount).toBe(1);
    expect(sentLines()).toHaveLength(2);
  });

  it('after a restart, an unsent message is sent only when it is redelivered', async () => {
    const first = open(fileJournal(file), { delayMs: 1_000 });
    first.tracker.take(item('m', 'l1'));
    expect(await first.reports()).toEqual(['m l1 sending']);
    first.acknowledge(1);
    expect(first.tracker.inFlightLeases()).toEqual(['l1']);

    const second = open(fileJournal(file));
    expect(await second.reports()).toEqual([]);
    expect(second.tracker.inFlightLeases()).toEqual([]);
    second.tracker.take(item('m', 'l2'));
    expect(await second.reports()).toEqual(['m l2 sending', 'm l2 sent', 'm l2 delivered']);
  });

  it('a restart continues after a kill between sent and delivered, and after a truncated line', async () => {
    const first = open(fileJournal(file), { isDelivered: false });
    first.tracker.take(item('m', 'l1'));
    appendFileSync(file, '{"kind":"reported","report":{"message":"m","lease":"l1","state":"deliv');

    const second = open(fileJournal(file));
    expect(await second.reports()).toEqual(['m l1 sending', 'm l1 sent', 'm l1 delivered']);
    expect(sentLines()).toHaveLength(1);
    fileJournal(file).close();
  });

  it('a journal with an unreadable line in the middle is rejected', () => {
    writeFileSync(file, '{"kind":"taken"\n{"kind":"text_acknowledged","guid":"1"}\n');
    expect(() => fileJournal(file)).toThrow(`Line 1 of the journal ${file} is invalid`);
  });

  it('a restart repeats unacknowledged inbound texts', () => {
    const text = { from: '+14155550100', service: 'iMessage', text: 'Hi', media: [], from_me: false };
    const first = open(fileJournal(file));
    first.tracker.receive({ guid: '1', ...text });
    first.tracker.receive({ guid: '2', ...text });
    first.tracker.inboundAcknowledged([{ guid: '1', ...text }]);
    expect(open(fileJournal(file)).sent).toMatchObject([{ type: 'inbound', items: [{ guid: '2' }] }]);
  });
});

describe('the cancellation of a message', () => {
  it('cancel fails an unsent message', async () => {
    const { tracker, clock, reports } = open(memoryJournal(), { delayMs: 1_000 });
    tracker.take(item('m', 'l'));
    tracker.cancel({ message: 'm', lease: 'l' });
    clock.advance(5_000);
    expect(await reports()).toEqual(['m l sending', 'm l failed']);
    expect(tracker.inFlightCount).toBe(0);
  });

  it('cancel repeats the report of a sent message', async () => {
    const { tracker, reports } = open(memoryJournal());
    tracker.take(item('m', 'l'));
    await reports();
    tracker.cancel({ message: 'm', lease: 'l' });
    expect(await reports()).toEqual(['m l sent']);
  });

  it('cancel reports an unknown message as failed', async () => {
    const { tracker, reports } = open(memoryJournal());
    tracker.cancel({ message: 'm', lease: 'l' });
    expect(await reports()).toEqual(['m l failed']);
  });
});

it('a device without a journal sends every delivery', async () => {
  const { tracker, reports } = open(undefined);
  tracker.take(item('m', 'l1'));
  await reports();
  tracker.take(item('m', 'l2'));
  expect(await reports()).toEqual(['m l2 sending', 'm l2 sent', 'm l2 delivered']);
});
