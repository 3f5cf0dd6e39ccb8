/** Shares the clock, the token check and the end of the session between commands that connect as a device. */
import type { DeviceEnd } from '../../relay-agent/device-client.ts';
import type { After } from '../../relay-agent/transport/transport.ts';
import { CommandError, EXIT } from '../terminal.ts';

const TOKEN = /^dev_[\w-]+$/;

const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export const clock = {
  after,
  now: () => Date.now(),
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => performance.now(),
  random: () => Math.random(),
};

/** Checks the format of a device token and returns it. `source` is its flag or variable. @throws CommandError */
export function checkToken(token: string, source: string): string {
  if (TOKEN.test(token)) return token;
  // The value can be a secret of another kind, so the error omits it.
  throw new CommandError(
    `${source} is not a device token; allowed: dev_ and letters, digits, - or _. Run npx homing pair +1… to get one.`,
    EXIT.usage,
  );
}

/** Calls `stop` on SIGINT and SIGTERM until the returned function is called. */
export function stopOnSignals(stop: () => void): () => void {
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/**
 * Checks the end of a session. Returns if the device ended it.
 *
 * @param nextStep next step for a rejected token
 * @throws CommandError if the broker ended the session.
 */
export function throwIfEndedByBroker(end: DeviceEnd, nextStep: string): void {
  if (end === 'revoked') {
    throw new CommandError(
      `The broker rejects this token: it is unknown, revoked or replaced by a newer token. ${nextStep}`,
    );
  }
  if (end === 'replaced') {
    throw new CommandError(
      'Another session of this device replaced this one. A device can have one session only: stop the other session.',
    );
  }
}
