/** Checks the event streams with a manual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../../../broker/core/accounts/api-keys.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import type { Credential } from '../../../../broker/core/model/api-key.ts';
import type { StreamItem } from '../../../../broker/core/model/event-stream.ts';
import { EventStreams } from '../../../../broker/delivery/sse/event-streams.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { firstIdAt } from '../../../../shared/ids.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';
import { until } from '../../../support/until.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

describe('an event stream', () => {
  let base: TemporaryStore;
  let streams: EventStreams;
  let credential: Credential;
  beforeEach(async () => {
    base = await temporaryStore();
    streams = new EventStreams({ store: base.store, now: base.now, monotonicNow: base.monotonicNow });
    base.store.onEvents((tenantId) => streams.notify(tenantId));
    const wanted = { label: 't', permissions: ['*'] as const, environment: 'live', account: 'a' } as const;
    const made = await base.store.transaction((tx) => createKey(tx, wanted, { ...base, secrets }));
    credential = (await base.store.read.credentials.find(made.id))!;
  });
  afterEach(async () => {
    streams.closeAll();
    await base.close();
  });

  const open = async () => {
    const types = new Set(['message.sent'] as const);
    const reader = { kind: 'credential', credential } as const;
    const request = { reader, after: firstIdAt(base.now()), types, numberId: null, isShort: false };
    const items: StreamItem['kind'][] = [];
    const stream = await streams.open(request);
    const ended = (async () => {
      for await (const { kind } of stream.items) items.push(kind);
    })();
    return { items, ended, close: () => stream.close() };
  };
  const record = () =>
    base.store.transaction((tx) =>
      emit(
        tx,
        {
          ...{ tenantId: base.live.id, numberId: null, type: 'message.sent' },
          subject: { message: queuedMessage({ id: base.ids() }) },
        },
        base.context(),
      ),
    );
  const recorded = async () => {
    const limit = { maxEvents: 100, maxBytes: 1_000_000 };
    return (await base.store.read.events.after(base.live.id, firstIdAt(0), limit)).length;
  };

  it('sends a ping after 15 seconds without an event', async () => {
    const stream = await open();
    base.advance(14 * SECOND);
    streams.keepAlive();
    await record();
    await until('the event', () => stream.items.includes('event'));
    expect(stream.items).toEqual(['event']);
    base.advance(SECOND);
    streams.keepAlive();
    await until('the ping', () => stream.items.includes('ping'));
    stream.close();
    await stream.ended;
    expect(streams.count).toBe(0);
  });

  it('ends at the next ping after its key was revoked', async () => {
    const stream = await open();
    await base.store.transaction((tx) => tx.credentials.revoke(credential.id, base.now()));
    base.advance(15 * SECOND);
    streams.keepAlive();
    await stream.ended;
    expect(stream.items).toEqual([]);
  });

  it('records events from its start until three days after its end', async () => {
    await record();
    expect(await recorded()).toBe(0);
    const stream = await open();
    stream.close();
    await stream.ended;
    base.advance(71 * HOUR);
    await record();
    expect(await recorded()).toBe(1);
    base.advance(2 * HOUR);
    await record();
    expect(await recorded()).toBe(1);
  });

  it('counts streams that are opened at the same time', async () => {
    const results = await Promise.allSettled(Array.from({ length: 60 }, open));
    const opened = results.filter(({ status }) => status === 'fulfilled');
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect([opened.length, streams.count, new Set(reasons)]).toEqual([20, 20, new Set(['rate_limited'])]);
  });

  it('reads events up to a limit in bytes, and at least one', async () => {
    await open();
    for (let i = 0; i < 5; i += 1) await record();
    const read = (maxBytes: number) =>
      base.store.read.events.after(base.live.id, firstIdAt(0), { maxEvents: 4, maxBytes });
    const all = await read(1_000_000);
    expect(all).toHaveLength(4);
    expect(await read(1)).toEqual(all.slice(0, 1));
    const bytes = JSON.stringify(all[0]!.subject).length;
    expect(await read(bytes + 1)).toEqual(all.slice(0, 2));
  });
});
