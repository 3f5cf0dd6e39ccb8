/** Tests the limit of typing items, with a manual clock. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HomingEvent } from '../../../broker/core/model/event.ts';
import type { OwnNumber } from '../../../broker/core/model/number.ts';
import { TypingEvents } from '../../../broker/devices/typing-events.ts';
import { inboundItem } from '../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

let base: TemporaryStore;
let number: OwnNumber;
let delivered: HomingEvent[];
let typing: TypingEvents;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  delivered = [];
  typing = new TypingEvents({ ...base, deliver: async (event) => void delivered.push(event) });
});
afterEach(() => base.close());

const device = (id: string) => ({ id, tenantId: base.live.id, numbers: [number] });
const item = (change: object = {}) =>
  inboundItem.parse({ guid: 'g', from: '+14155550100', to: '+14155550199', typing: 'start', ...change });

it('a device emits at most 600 typing events a minute, and another device its own', async () => {
  for (let n = 0; n < 700; n += 1) await typing.report(device('a'), item());
  expect(delivered).toHaveLength(600);
  await typing.report(device('b'), item());
  expect(delivered).toHaveLength(601);
  base.advance(60_000);
  await typing.report(device('a'), item());
  expect(delivered).toHaveLength(602);
});

it('the own typing on another device is no event', async () => {
  await typing.report(device('a'), item({ from_me: true, from: '+14155550199', to: '+14155550100' }));
  expect(delivered).toEqual([]);
});

it('typing of a blocked sender is no event', async () => {
  const rule = { tenantId: base.live.id, handle: '+14155550100', action: 'block' } as const;
  const dates = { createdAt: base.now(), updatedAt: base.now() };
  await base.store.transaction((tx) => tx.senderRules.insert({ ...rule, ...dates, id: base.ids() }));
  await typing.report(device('a'), item());
  expect(delivered).toEqual([]);
});
