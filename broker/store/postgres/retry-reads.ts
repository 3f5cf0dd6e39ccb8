/**
 * Repeats reads that meet a lost connection, so a restart of the database delays reads for some seconds and fails none of
 * them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from '../../core/model/errors.ts';
import { isStorageFault } from './errors.ts';

const WAIT_MS = 5_000;
const RETRY_MAX_MS = 250;

/** @throws HomingError `unavailable` if the database cannot be read for 5 seconds */
export async function retryReads<T>(read: () => Promise<T>): Promise<T> {
  const until = performance.now() + WAIT_MS;
  for (let wait = 10; ; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
    try {
      return await read();
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      if (performance.now() >= until) throw cannotRead(error);
    }
    await delay(wait);
  }
}

const cannotRead = (cause: unknown) =>
  unavailable('The store cannot read at the moment. Retry the request later.', cause);
