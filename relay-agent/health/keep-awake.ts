/**
 * Prevents sleep while the agent runs, with `caffeinate`: idle sleep always, and every sleep on mains power. Closing the
 * lid without an external display still causes sleep.
 *
 * `caffeinate -w` exits with the agent, also after a kill. A caffeinate that exits earlier is started again.
 */
import { spawn } from 'node:child_process';
import type { After } from '../transport/transport.ts';

const RESTART_FIRST_MS = 1_000;
const RESTART_MAX_MS = 5 * 60_000;
/** A program that ran this long counts as started. */
const STABLE_MS = 60_000;

export interface KeepAwakeOptions {
  caffeinate: string;
  /** The process that keeps the Mac awake. */
  pid: number;
  after: After;
  monotonicNow: () => number;
  onProblem(problem: string): void;
}

/** Returns a function that permits sleep again. */
export function keepAwake({ caffeinate, pid, after, monotonicNow, onProblem }: KeepAwakeOptions): () => void {
  let isStopped = false;
  let delayMs = RESTART_FIRST_MS;
  let stopCurrent = () => {};
  const start = () => {
    const startedAt = monotonicNow();
    const child = spawn(caffeinate, ['-s', '-i', '-w', String(pid)], { stdio: 'ignore' });
    child.unref();
    stopCurrent = () => child.kill();
    const ended = (reason: string) => {
      if (isStopped) return;
      if (monotonicNow() - startedAt >= STABLE_MS) delayMs = RESTART_FIRST_MS;
      // Further failures in a row are not reported.
      if (delayMs === RESTART_FIRST_MS)
        onProblem(`The Mac may sleep: ${caffeinate} ${reason}. It is started again.`);
      stopCurrent = after(delayMs, start);
      delayMs = Math.min(delayMs * 2, RESTART_MAX_MS);
    };
    // A program that does not start emits only `error`.
    child.once('error', ({ message }) => ended(message));
    child.once('exit', (status, signal) => ended(`exited with ${signal ?? status}`));
  };
  start();
  return () => {
    isStopped = true;
    stopCurrent();
  };
}
