/** What the commands that connect as a device have in common. */
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

/** @throws CommandError */
export function checkToken(token: string): string {
  if (!TOKEN.test(token)) throw new CommandError('--token takes a device token: dev_…', EXIT.usage);
  return token;
}

export function endOnSignals(stop: () => void): () => void {
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/**
 * Says why the broker would not have the device any more; `advice` is what to do about a token that is over.
 *
 * @throws CommandError
 */
export function refuseUnlessLeft(end: DeviceEnd, advice: string): void {
  if (end === 'revoked') {
    throw new CommandError(
      'The broker does not accept this token: it was revoked or replaced by a newer one, or never was valid. ' +
        advice,
    );
  }
  if (end === 'replaced') {
    throw new CommandError(
      'Another session of this device took over. A device has one session at a time; stop the other one first.',
    );
  }
}
