/** Tests the queries behind the metrics of queues and of the backlog of the projections. */
import { afterEach, assert, beforeEach, describe, expect, it } from 'vitest';
import { projectChanges } from '../../../broker/core/inbox/projections.ts';
import { timeOfId } from '../../../shared/ids.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

describe('backlog queries', () => {
  let base: TemporaryStore;
  beforeEach(async () => {
    base = await temporaryStore();
  });
  afterEach(() => base.close());

  const queues = (limit = 10) => base.store.read.messages.longestQueues(limit);

  it('longestQueues returns one entry per number, longest first, with the message that was accepted first', async () => {
    const short = await base.addNumber('+14155550101');
    const long = await base.addNumber('+14155550102');
    await base.insert({ numberId: short.id });
    // The message with priority -1 is dispatched first, but it was accepted second.
    const first = await base.insert({ numberId: long.id, priority: 0 });
    base.advance(5_000);
    await base.insert({ numberId: long.id, priority: -1 });
    await base.insert({ numberId: long.id, status: 'sent' });
    await base.insert({ numberId: long.id, status: 'polling' });
    expect(await queues()).toEqual([
      { numberId: long.id, phoneNumber: '+14155550102', messages: 2, oldestId: first.id },
      { numberId: short.id, phoneNumber: '+14155550101', messages: 1, oldestId: expect.any(String) },
    ]);
    expect(base.now() - timeOfId(first.id)).toBe(5_000);
    expect((await queues(1)).map(({ numberId }) => numberId)).toEqual([long.id]);
  });

  it('longestQueues leaves out deferred messages and numbers of the sandbox', async () => {
    const number = await base.addNumber('+14155550103');
    await base.insert({ numberId: number.id, deferredUntil: base.now() + 1_000 });
    expect(await queues()).toEqual([]);
    const { id } = await base.insert({ numberId: number.id });
    expect(await queues()).toMatchObject([{ messages: 1, oldestId: id }]);

    const sandbox = await base.store.read.accounts.tenant(base.live.accountId, 'test');
    assert(sandbox !== undefined);
    const sandboxNumber = { ...number, id: base.ids(), tenantId: sandbox.id, phoneNumber: '+15005550006' };
    await base.store.transaction((tx) => tx.numbers.insert(sandboxNumber));
    await base.insert({ tenantId: sandbox.id, numberId: sandboxNumber.id });
    expect((await queues()).map(({ numberId }) => numberId)).toEqual([number.id]);
    expect(await base.store.read.accounts.environmentOf(sandbox.id)).toBe('test');
    expect(await base.store.read.accounts.environmentOf(base.live.id)).toBe('live');
    expect(await base.store.read.accounts.environmentOf(999)).toBeUndefined();
  });

  it('commitsBehind returns the number of commits that the projections have not processed', async () => {
    const behind = () => base.store.read.projections.commitsBehind();
    const { id } = await base.addNumber('+14155550104');
    expect(await behind()).toBe(0);
    for (const _ of [1, 2, 3]) await base.insert({ numberId: id });
    expect(await behind()).toBe(3);
    await base.store.transaction((tx) => projectChanges(tx, 1, base.context()));
    expect(await behind()).toBe(2);
    await base.store.transaction((tx) => projectChanges(tx, 10, base.context()));
    expect(await behind()).toBe(0);
  });
});
