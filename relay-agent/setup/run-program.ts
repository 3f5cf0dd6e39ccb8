/**
 * Runs a program of macOS to completion. The setup accesses macOS only by this function and by reading files, so
 * tests replace the programs. Never rejects: a failed start and a timeout are results.
 */
import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** Exit status; null if the program did not start or was killed. */
  status: number | null;
  stdout: string;
  stderr: string;
  /** The reason why the program did not start. */
  startProblem?: string;
  isTimedOut: boolean;
}

export interface RunOptions {
  /** Standard input of the program. */
  input?: string;
  timeoutMs?: number;
}

export type RunProgram = (
  program: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<ProgramResult>;

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
      // Child processes of the program may keep the pipes open.
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
    // A program that exits before it read its input reports the reason by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });

/** Returns the error output of a failed program on one line. */
export function failureReason({ status, stdout, stderr, startProblem, isTimedOut }: ProgramResult): string {
  if (startProblem !== undefined) return startProblem;
  if (isTimedOut) return 'it timed out';
  const output = (stderr.trim() || stdout.trim()).replace(/\s*\n\s*/g, ' ');
  return output === '' ? `it exited with ${status}` : output;
}
