import { expect, it } from 'vitest';
import { isTooLarge, Outbox, type OutboxFrame } from '../../../relay-agent/transport/outbox.ts';
import { FRAME_MAX_BYTES, type InboundItem, type ReportItem } from '../../../shared/protocol.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const REPEAT_MS = 10_000;

function open() {
  const clock = createManualClock();
  const sent: OutboxFrame[] = [];
  const acknowledged: OutboxFrame[] = [];
  const outbox = new Outbox({
    after: clock.after,
    send: (frame) => sent.push(frame),
    onAcknowledged: (frame) => acknowledged.push(frame),
  });
  return { clock, sent, acknowledged, outbox };
}

const report = (message: string, state: ReportItem['state'] = 'sent'): ReportItem => ({
  message,
  lease: `lease-of-${message}`,
  state,
});
const text = (guid: string, content = ''): InboundItem => ({
  guid,
  from: '+14155550100',
  service: 'iMessage',
  text: content,
  media: [],
  from_me: false,
});

it('puts what is said in one turn into one frame, and numbers the frames', async () => {
  const { outbox, sent } = open();
  outbox.connected();
  outbox.report(report('a', 'sending'));
  outbox.report(report('a', 'sent'));
  outbox.inbound(text('1'));
  await Promise.resolve();
  expect(sent).toEqual([
    { type: 'report', seq: 1, items: [report('a', 'sending'), report('a', 'sent')] },
    { type: 'inbound', seq: 2, items: [text('1')] },
  ]);
});

it('keeps what is said while there is no connection, and says it after the welcome', async () => {
  const { outbox, sent } = open();
  outbox.report(report('a'));
  await Promise.resolve();
  expect(sent).toEqual([]);
  expect(outbox.size).toBe(1);
  expect([...outbox.leases()]).toEqual(['lease-of-a']);
  outbox.connected();
  expect(sent).toEqual([{ type: 'report', seq: 1, items: [report('a')] }]);
});

it('says what was not acknowledged again after each welcome and every so often, until it is', async () => {
  const { clock, outbox, sent, acknowledged } = open();
  outbox.connected();
  outbox.report(report('a'));
  await Promise.resolve();
  const [frame] = sent;
  clock.advance(REPEAT_MS);
  expect(sent).toHaveLength(1);
  clock.advance(REPEAT_MS);
  expect(sent).toEqual([frame, frame]);
  outbox.disconnected();
  clock.advance(REPEAT_MS * 5);
  expect(sent).toHaveLength(2);
  outbox.connected();
  expect(sent).toEqual([frame, frame, frame]);

  outbox.acknowledged('inbound', 1);
  expect(outbox.size).toBe(1);
  outbox.acknowledged('report', 1);
  outbox.acknowledged('report', 1);
  expect(acknowledged).toEqual([frame]);
  clock.advance(REPEAT_MS * 5);
  outbox.connected();
  expect(sent).toHaveLength(3);
  expect(outbox.size).toBe(0);
});

it('makes no frame larger than the broker takes, and knows the item that none can carry', () => {
  const { outbox, sent } = open();
  for (let n = 0; n < 10; n += 1) outbox.inbound(text(String(n), 'ü'.repeat(30_000)));
  outbox.connected();
  expect(sent.reduce((count, { items }) => count + items.length, 0)).toBe(10);
  for (const frame of sent) expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(FRAME_MAX_BYTES);
  expect(isTooLarge(text('1', 'ü'.repeat(30_000)))).toBe(false);
  expect(isTooLarge(text('1', '😀'.repeat(70_000)))).toBe(true);
});
