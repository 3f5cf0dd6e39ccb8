/** Tests what a broker sends to another one with open dashboards, with a manual clock. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { composeStreams } from '../../../../broker/compose/streams.ts';
import type { BrokerMessage } from '../../../../broker/core/model/broker-message.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { type Cluster, singleBroker } from '../../../../broker/core/ports/cluster.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let number: OwnNumber;
let clock: ManualClock;
let sent: BrokerMessage[];
let receive: (message: BrokerMessage) => void;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  clock = createManualClock();
  sent = [];
  const listeners = new Map<string, (message: never) => void>();
  const cluster: Cluster = {
    ...singleBroker(''),
    send: (message) => sent.push(message),
    onMessage: (kind, listener) => listeners.set(kind, listener),
  };
  receive = (message) => listeners.get(message.kind)?.(message as never);
  const { now, after } = clock;
  composeStreams({ now, monotonicNow: now, after }, base.store, cluster);
});
afterEach(() => base.close());

const insert = async (count: number) => {
  for (let index = 0; index < count; index += 1) await base.insert({ numberId: number.id });
};
const kinds = () => sent.splice(0).map(({ kind }) => kind);

it('a change is sent if another broker has a page of the tenant, and of many changes only 100 at a time', async () => {
  await insert(1);
  receive({ kind: 'watched', tenantIds: [base.live.id + 1] });
  expect(kinds()).toEqual(['events', 'changed']);
  await insert(1);
  expect(kinds()).toEqual([]);

  receive({ kind: 'watched', tenantIds: [base.live.id] });
  expect(kinds()).toEqual(['events', 'changed']);
  await insert(130);
  expect(kinds()).toEqual(Array(100).fill('change'));
  clock.advance(249);
  expect(kinds()).toEqual([]);
  clock.advance(1);
  expect(kinds()).toEqual(['changed']);
  await insert(1);
  expect(kinds()).toEqual(['change']);
});
