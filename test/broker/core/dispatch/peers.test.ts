/** Tests that two brokers on one database notify each other of the messages that their devices may send. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { applyReports } from '../../../../broker/core/messages/apply-reports.ts';
import type { BrokerMessage } from '../../../../broker/core/model/broker-message.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { type Cluster, singleBroker } from '../../../../broker/core/ports/cluster.ts';
import { formatId } from '../../../../shared/ids.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const LIMITS = { messagesPerSecond: 0, newContactsPerHour: 0, newContactsPerDay: 0, ramp: false };

type Listener = (message: never) => void;

/** Returns the clusters of two brokers, which receive the messages of each other at once. */
function twoClusters(): [Cluster, Cluster] {
  const listeners = [new Map<string, Listener>(), new Map<string, Listener>()] as const;
  const clusterOf = (own: 0 | 1): Cluster => ({
    ...singleBroker(`broker ${own}`),
    hasPeers: () => true,
    send: (message: BrokerMessage) => listeners[own === 0 ? 1 : 0].get(message.kind)?.(message as never),
    onMessage: (kind, listener) => void listeners[own].set(kind, listener as Listener),
  });
  return [clusterOf(0), clusterOf(1)];
}

describe('The dispatchers of two brokers', () => {
  let base: TemporaryStore;
  let dispatchers: [Dispatcher, Dispatcher];

  beforeEach(async () => {
    base = await temporaryStore();
    const { store, now, monotonicNow, ids } = base;
    const dispatcherOf = (cluster: Cluster) =>
      new Dispatcher({
        ...{ store, now, monotonicNow, ids, cluster, after: createManualClock().after },
        messageTtlMs: 86_400_000,
        pace: { ...DEFAULT_PACE, ...LIMITS },
        onFault: (error) => {
          throw error;
        },
      });
    const [one, other] = twoClusters();
    dispatchers = [dispatcherOf(one), dispatcherOf(other)];
  });
  afterEach(() => base.close());

  it('continue with a recipient at one broker after the report of a device at the other broker', async () => {
    const [one, other] = dispatchers;
    const { id: numberId } = await base.addNumber('+14155550191');
    const first = await base.insert({ numberId, handle: '+14155550100' });
    const reporting = recordingTarget([numberId], { deviceId: 'reporting', credit: 1 });
    const waiting = recordingTarget([numberId], { deviceId: 'waiting' });
    one.attach(reporting);
    await one.offer(reporting);
    const second = await base.insert({ numberId, handle: '+14155550100' });
    other.attach(waiting);
    await other.offer(waiting);
    expect(waiting.delivered).toEqual([]);

    const report = { message: formatId('msg', first.id), lease: 'lse_', state: 'sent' as const };
    const device = { id: reporting.deviceId, tenantId: base.live.id };
    const { numberIds } = await base.store.transaction((tx) =>
      applyReports(tx, device, [report], { ...base.context(), leaseUntil: base.now() }),
    );
    one.reported(reporting, numberIds);
    await other.idle();
    expect(waiting.delivered.map(({ id }) => id)).toEqual([second.id]);
  });
});
