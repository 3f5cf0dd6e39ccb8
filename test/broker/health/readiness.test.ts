import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReadiness } from '../../../broker/health/readiness.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

describe('the readiness of a broker', () => {
  let base: TemporaryStore;
  let isCurrent: boolean;
  let isStopping: boolean;
  beforeEach(async () => {
    base = await temporaryStore();
    isCurrent = true;
    isStopping = false;
  });
  afterEach(() => base.close());

  const failedChecks = async () => {
    const failed = await createReadiness({
      store: base.store,
      cluster: { isCurrent: () => isCurrent },
      isStopping: () => isStopping,
    })();
    return failed.map(({ check }) => check);
  };

  it('has no failed check while the store reads and writes', async () => {
    expect(await failedChecks()).toEqual([]);
  });

  it('names a stop, and checks nothing else then', async () => {
    isStopping = true;
    isCurrent = false;
    expect(await failedChecks()).toEqual(['accepts_requests']);
  });

  it('names the lost contact to the other brokers', async () => {
    isCurrent = false;
    expect(await failedChecks()).toEqual(['among_brokers']);
  });

  it('names reads and writes of the store that fail', async () => {
    await base.store.close();
    expect(await failedChecks()).toEqual(['database_reads', 'database_writes']);
  });
});
