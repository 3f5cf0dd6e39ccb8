/** Combines the observers of the Mac for the health report. Starts and stops them with the agent. */
import type { HealthFrame } from '../../shared/protocol.ts';
import type { RunProgram } from '../setup/run-program.ts';
import type { After } from '../transport/transport.ts';
import { type AccountWatch, watchAccount } from './account-watch.ts';
import { keepAwake } from './keep-awake.ts';
import { type PowerWatch, watchPower } from './power-watch.ts';
import type { SystemPrograms } from './system-programs.ts';

const NUMBER_CHECK_MS = 60_000;

export interface MacHealthOptions {
  programs: SystemPrograms;
  keepsAwake: boolean;
  /** Checks the account of Messages by this program; undefined: another program controls Messages. */
  osascript: string | undefined;
  /** Returns false if Messages sends from other addresses than the paired numbers; undefined: unknown. */
  isNumberInUse(): boolean | undefined;
  run: RunProgram;
  after: After;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  onProblem(problem: string): void;
}

export interface MacHealth {
  /** @param onChange called when the health must be reported at once. */
  start(onChange: () => void): void;
  report(): Partial<HealthFrame>;
  /** Checks the account soon. Call after a failed send. */
  sendFailed(): void;
  stop(): void;
}

export function macHealth(options: MacHealthOptions): MacHealth {
  const { programs, keepsAwake, osascript, isNumberInUse, after, onProblem } = options;
  let power: PowerWatch | undefined;
  let account: AccountWatch | undefined;
  let numberInUse: boolean | undefined;
  let permitSleep = () => {};
  let cancelNumber = () => {};

  const checkNumber = (onChange: () => void) => {
    const before = numberInUse;
    try {
      numberInUse = isNumberInUse() ?? numberInUse;
    } catch (error) {
      // chat.db can be locked for a moment.
      onProblem((error as Error).message);
    }
    if (numberInUse !== before) onChange();
    cancelNumber = after(NUMBER_CHECK_MS, () => checkNumber(onChange));
  };
  return {
    start(onChange) {
      if (keepsAwake) {
        permitSleep = keepAwake({ ...options, caffeinate: programs.caffeinate, pid: process.pid });
      }
      power = watchPower({ ...options, onChange });
      if (osascript !== undefined) account = watchAccount({ ...options, osascript, onChange });
      checkNumber(onChange);
    },
    report: () => ({
      ...power?.report(),
      ...account?.report(),
      ...(numberInUse === undefined ? {} : { number_in_use: numberInUse }),
    }),
    sendFailed: () => account?.checkSoon(),
    stop() {
      power?.stop();
      account?.stop();
      cancelNumber();
      permitSleep();
    },
  };
}
