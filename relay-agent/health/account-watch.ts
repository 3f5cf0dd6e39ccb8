/**
 * Checks in the background whether Messages runs and is signed in, every 5 minutes and after a failed send.
 *
 * - One script runs at a time. It never opens Messages, and sends do not wait for it.
 * - A script that fails for another reason keeps the last state.
 */
import type { HealthFrame } from '../../shared/protocol.ts';
import { backgroundAccountScript, runAccountScript } from '../setup/account-script.ts';
import { failureReason, type ProgramResult, type RunProgram } from '../setup/run-program.ts';
import type { After } from '../transport/transport.ts';

const CHECK_MS = 5 * 60_000;
const FIRST_CHECK_MS = 2_000;
/** Minimum pause between two checks after failed sends. */
const PAUSE_MS = 10_000;

type AccountHealth = Pick<HealthFrame, 'signed_in' | 'messages_running' | 'automation'>;

export interface AccountWatchOptions {
  osascript: string;
  run: RunProgram;
  after: After;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  onChange(): void;
  onProblem(problem: string): void;
}

export interface AccountWatch {
  report(): AccountHealth;
  /** Checks at once, or 10 s after the last check. */
  checkSoon(): void;
  stop(): void;
}

export function watchAccount(options: AccountWatchOptions): AccountWatch {
  const { osascript, run, after, monotonicNow, onChange, onProblem } = options;
  let known: AccountHealth = {};
  let checkedAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isRequested = false;
  let isStopped = false;
  let cancel = () => {};

  const schedule = (ms: number) => {
    cancel();
    if (!isStopped) cancel = after(ms, () => void check());
  };
  const checkSoon = () => {
    if (isRunning) isRequested = true;
    else schedule(Math.max(0, checkedAt + PAUSE_MS - monotonicNow()));
  };
  const check = async () => {
    isRunning = true;
    isRequested = false;
    try {
      note(await runAccountScript(osascript, run, backgroundAccountScript));
    } finally {
      checkedAt = monotonicNow();
      isRunning = false;
      if (isRequested) checkSoon();
      else schedule(CHECK_MS);
    }
  };
  const note = (result: ProgramResult) => {
    const found = healthFrom(result);
    if (isStopped || found === undefined || JSON.stringify(found) === JSON.stringify(known)) return;
    known = found;
    if (found.signed_in === false) onProblem('Messages is not signed in to iMessage.');
    if (found.messages_running === false) onProblem('Messages does not run.');
    if (found.automation === false) onProblem(`macOS denies control of Messages: ${failureReason(result)}`);
    onChange();
  };
  schedule(FIRST_CHECK_MS);
  return {
    report: () => known,
    checkSoon,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

/** Undefined: the result says nothing about the account. */
function healthFrom(result: ProgramResult): AccountHealth | undefined {
  const output = result.stdout.trim();
  if (result.status === 0) {
    switch (output) {
      case 'connected':
      case 'enabled':
        return { messages_running: true, automation: true, signed_in: true };
      case 'disabled':
      case 'none':
        return { messages_running: true, automation: true, signed_in: false };
      case 'not running':
        return { messages_running: false };
      default:
        return undefined;
    }
  }
  if (/\(-1743\)/.test(result.stderr)) return { automation: false };
  return /\(-600\)/.test(result.stderr) ? { messages_running: false } : undefined;
}
