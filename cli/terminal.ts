/**
 * Prints the output of commands and maps their errors to exit codes.
 *
 * - Results go to standard output, notices and errors to standard error.
 * - With `--json`, standard output contains only JSON values, one per line.
 */
import { SettingsError } from '../broker/config.ts';
import { HomingError } from '../broker/core/model/errors.ts';

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** An expected error: its message is printed without a stack. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

export interface OutputOptions {
  json?: boolean;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a line on standard error. */
export function printNotice(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Returns the present time for a file name, such as 2026-11-21T08-00-00-000Z. */
export function fileTimestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}

/** Prints a table. Each column is as wide as its widest cell. */
export function printTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [head, ...rows]) {
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Wraps the action of a command. Expected errors become one line on standard error and an exit code. */
export function action<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  return async (...args: Args): Promise<void> => {
    try {
      await run(...args);
    } catch (error) {
      if (error instanceof CommandError) fail(error.message, error.exitCode);
      else if (error instanceof SettingsError) fail(error.message, EXIT.usage);
      else if (error instanceof HomingError && error.code !== 'internal_error') {
        fail(error.message, error.code === 'invalid_request' ? EXIT.usage : EXIT.failed);
      } else if (isPrintable(error)) fail(error.message, EXIT.failed);
      else throw error;
    }
  };
}

function fail(message: string, exitCode: number): void {
  printNotice(`homing: ${message}`);
  process.exitCode = exitCode;
}

/** True for errors with a message for the user: named errors of the broker, and errors of the operating system. */
function isPrintable(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (['FolderInUseError', 'NewerDatabaseError', 'DatabaseFileError'].includes(error.name) ||
      'syscall' in error ||
      'code' in error)
  );
}
