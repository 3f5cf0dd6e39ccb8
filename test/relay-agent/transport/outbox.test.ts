import { expect, it } from 'vitest';
import { isTooLarge, Outbox, type OutboxFrame } from '../../../relay-agent/transport/outbox.ts';
import { FRAME_MAX_BYTES, type InboundItem, type MessageReport } from '../../../shared/protocol.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const REPEAT_MS = 10_000;

function open() {
  const clock = createManualClock();
  const sent: OutboxFrame[] = [];
  const outbox = new Outbox({ after: clock.after });
  const connect = () => outbox.connected((frame) => sent.push(frame));
  return { clock, sent, outbox, connect };
}

const report = (message: string, state: MessageReport['state'] = 'sent'): MessageReport => ({
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

it('items of one task share a frame, and frames are numbered', async () => {
  const { outbox, sent, connect } = open();
  connect();
  outbox.report(report('a', 'sending'));
  outbox.report(report('a', 'sent'));
  outbox.inbound(text('1'));
  await Promise.resolve();
  expect(sent).toEqual([
    { type: 'report', seq: 1, items: [report('a', 'sending'), report('a', 'sent')] },
    { type: 'inbound', seq: 2, items: [text('1')] },
  ]);
});

it('items without a connection are sent after the welcome', async () => {
  const { outbox, sent, connect } = open();
  outbox.report(report('a'));
  await Promise.resolve();
  expect(sent).toEqual([]);
  expect(outbox.size).toBe(1);
  expect([...outbox.leases()]).toEqual(['lease-of-a']);
  connect();
  expect(sent).toEqual([{ type: 'report', seq: 1, items: [report('a')] }]);
});

it('unacknowledged frames are repeated after each welcome and periodically until their ack', async () => {
  const { clock, outbox, sent, connect } = open();
  connect();
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
  connect();
  expect(sent).toEqual([frame, frame, frame]);

  expect(outbox.acknowledged('inbound', 1)).toBeUndefined();
  expect(outbox.size).toBe(1);
  expect(outbox.acknowledged('report', 1)).toEqual(frame);
  expect(outbox.acknowledged('report', 1)).toBeUndefined();
  clock.advance(REPEAT_MS * 5);
  connect();
  expect(sent).toHaveLength(3);
  expect(outbox.size).toBe(0);
});

it('frames stay below the limit, and isTooLarge detects an item above it', () => {
  const { outbox, sent, connect } = open();
  for (let n = 0; n < 10; n += 1) outbox.inbound(text(String(n), 'ü'.repeat(30_000)));
  connect();
  expect(sent.reduce((count, { items }) => count + items.length, 0)).toBe(10);
  for (const frame of sent) expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(FRAME_MAX_BYTES);
  expect(isTooLarge(text('1', 'ü'.repeat(30_000)))).toBe(false);
  expect(isTooLarge(text('1', '😀'.repeat(70_000)))).toBe(true);
});
