/** Tests that a message which several devices of a number report is stored once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordTransition } from '../../../../broker/core/lifecycle/record-transition.ts';
import { applyReports } from '../../../../broker/core/messages/apply-reports.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import { transition } from '../../../../broker/core/model/message-transition.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { formatId } from '../../../../shared/ids.ts';
import type { InboundItem } from '../../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const SENDER = '+14155550142';
const MINUTE = 60_000;

let base: TemporaryStore;
let number: OwnNumber;
let mac: string;
let phone: string;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  mac = await addDevice('Mac');
  phone = await addDevice('iPhone');
  await base.store.transaction((tx) => tx.streams.recordUntil(base.live.id, base.now() + 86_400_000));
});
afterEach(() => base.close());

async function addDevice(name: string): Promise<string> {
  const id = base.ids();
  await base.store.transaction(async (tx) => {
    await tx.devices.insert(
      {
        ...{ id, tenantId: base.live.id, name, createdAt: base.now() },
        ...{ platform: null, agent: null, lastSeenAt: null, disconnectedAt: null, revokedAt: null },
      },
      id,
    );
    await tx.devices.attach(id, number.id);
  });
  return id;
}

let guids = 0;
const report = (device: string, text: string, change: Partial<InboundItem> = {}) => {
  guids += 1;
  const item: InboundItem = {
    ...{ guid: `guid-${guids}`, from: SENDER, to: number.phoneNumber, service: 'iMessage', text, media: [] },
    ...{ from_me: false, sent_at: new Date(base.now()).toISOString() },
    ...change,
  };
  const reporter = { id: device, tenantId: base.live.id, numbers: [number] };
  return base.store.transaction((tx) =>
    recordInbound(tx, reporter, [item], { now: base.now(), ids: base.ids, lateMs: 86_400_000 }),
  );
};
const messages = async () => (await base.store.read.messages.list(base.live.id, { limit: 100 })).toReversed();
const texts = async () => (await messages()).map(({ content }) => content);
const events = async () =>
  (await base.store.read.events.after(base.live.id, '', { maxEvents: 100, maxBytes: 1_000_000 })).map(
    ({ type }) => type,
  );

describe('a message that a Mac and an iPhone report', () => {
  it('is stored once, with one event', async () => {
    await report(mac, 'Hello');
    base.advance(20_000);
    await report(phone, ' Hello ');
    expect(await texts()).toEqual(['Hello']);
    expect(await events()).toEqual(['message.received']);
    const [message] = await messages();
    const timeline = await base.store.read.messages.timeline(message!.id);
    expect(timeline.map(({ kind, detail }) => [kind, detail?.device])).toEqual([
      ['received', mac],
      ['received', phone],
    ]);
  });

  it('is found by both guids, so a repeated report changes nothing', async () => {
    await report(mac, 'Hello', { guid: 'at-mac' });
    await report(phone, 'Hello', { guid: 'at-phone' });
    await report(phone, 'Hello', { guid: 'at-phone' });
    const [message] = await messages();
    for (const guid of ['at-mac', 'at-phone']) {
      expect((await base.store.read.messages.findByGuid(number.id, guid))?.id).toBe(message?.id);
    }
    expect(await texts()).toEqual(['Hello']);
  });

  it('opts its sender out once', async () => {
    await report(phone, 'STOP');
    await report(mac, 'STOP');
    expect(await base.store.read.suppressions.has(base.live.id, SENDER)).toBe(true);
    expect((await events()).filter((type) => type === 'message.received')).toHaveLength(1);
  });

  it('is found when the phone was offline for an hour', async () => {
    const sent_at = new Date(base.now()).toISOString();
    await report(mac, 'Hello', { sent_at });
    base.advance(60 * MINUTE);
    await report(phone, 'Hello', { sent_at });
    expect(await texts()).toEqual(['Hello']);
  });

  it('gets the attachment that only the Mac has', async () => {
    await report(phone, 'Look');
    await report(mac, '\uFFFCLook', {
      media: [{ id: 'u1', content_type: 'image/jpeg', size: 10, name: 'a.jpg' }],
    });
    const found = await messages();
    expect(found.map(({ content, media }) => [content, media.map(({ name }) => name)])).toEqual([
      ['Look', ['a.jpg']],
    ]);
  });
});

describe('equal texts', () => {
  it('that were sent in a row stay separate messages', async () => {
    await report(mac, 'ok');
    await report(mac, 'ok');
    await report(phone, 'ok');
    await report(phone, 'ok');
    expect(await texts()).toEqual(['ok', 'ok']);
    await report(phone, 'ok');
    expect(await texts()).toEqual(['ok', 'ok', 'ok']);
  });

  it('that were sent at different times, or by others, stay separate messages', async () => {
    await report(mac, 'ok');
    await report(phone, 'ok', { from: '+14155550143' });
    base.advance(10 * MINUTE);
    await report(phone, 'ok');
    expect(await texts()).toEqual(['ok', 'ok', 'ok']);
  });

  it('of one device stay separate messages', async () => {
    await report(mac, 'ok');
    await report(mac, 'ok');
    expect(await texts()).toEqual(['ok', 'ok']);
  });
});

describe('a message that the broker sends through one Mac', () => {
  it('is not stored again when the other Mac of the Apple ID reports it', async () => {
    const message = await base.insert({
      ...{ numberId: number.id, ownNumber: number.phoneNumber, handle: SENDER, content: 'Hi' },
    });
    const lease = {
      kind: 'dispatch',
      deviceId: mac,
      leaseId: base.ids(),
      leaseUntil: 0,
      journaled: true,
    } as const;
    const dispatched = transition(message, lease, base.now())!;
    const context = { now: base.now(), ids: base.ids };
    await base.store.transaction((tx) => recordTransition(tx, dispatched, context));
    await report(phone, 'Hi', { from: number.phoneNumber, to: SENDER, from_me: true, guid: 'same' });
    const sent = {
      message: formatId('msg', message.id),
      lease: 'lse_x',
      state: 'sent',
      guid: 'same',
    } as const;
    await base.store.transaction((tx) =>
      applyReports(tx, { id: mac, tenantId: base.live.id }, [sent], { ...context, leaseUntil: 0 }),
    );
    const stored = await messages();
    expect(stored.map(({ status, guid }) => [status, guid])).toEqual([['sent', 'same']]);
  });
});
