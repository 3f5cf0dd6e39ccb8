/**
 * Runs a program of the system to its end. Together with reading files this is all that the set-up does to
 * macOS, so that tests put programs of their own in place of the system's. Never throws: what could not be
 * started, or had to be ended, is an outcome too.
 */
import { spawn } from 'node:child_process';

export interface Ended {
  /** Null where it was not started, or was ended. */
  status: number | null;
  stdout: string;
  stderr: string;
  /** It was never started: the system's reason. */
  startProblem?: string;
  isTimedOut: boolean;
}

export interface RunOptions {
  /** Written to its standard input. */
  input?: string;
  timeoutMs?: number;
}

export type RunProgram = (program: string, args: readonly string[], options?: RunOptions) => Promise<Ended>;

const TIMEOUT_MS = 30_000;
const OUTPUT_MAX_CHARACTERS = 1_000_000;

export const runProgram: RunProgram = (program, args, { input, timeoutMs = TIMEOUT_MS } = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      child.kill('SIGKILL');
      // Its own children may hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (stdout.length < OUTPUT_MAX_CHARACTERS) stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (stderr.length < OUTPUT_MAX_CHARACTERS) stderr += chunk;
    });
    child.on('error', ({ message }) => {
      clearTimeout(timer);
      resolve({ status: null, stdout, stderr, startProblem: message, isTimedOut });
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stdout, stderr, isTimedOut });
    });
    // One that ends before it has read everything says why by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });

/** What a program that failed has said, in one line. */
export function failureReason({ status, stdout, stderr, startProblem, isTimedOut }: Ended): string {
  if (startProblem !== undefined) return startProblem;
  if (isTimedOut) return 'it did not answer in time';
  const said = (stderr.trim() || stdout.trim()).replace(/\s*\n\s*/g, ' ');
  return said === '' ? `it ended with ${status}` : said;
}
