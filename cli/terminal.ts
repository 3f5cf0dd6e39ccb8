/**
 * What commands print and how they end. Results go to standard output, everything else to standard error;
 * with `--json` standard output holds JSON values, one a line, and nothing else.
 */
import { SettingsError } from '../broker/config.ts';
import { HomingError } from '../broker/core/model/errors.ts';

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** What went wrong, said by a command on purpose. */
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

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Columns as wide as their widest cell. */
export function printTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  for (const row of [head, ...rows]) {
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Runs a command's action: known problems become one line on standard error and an exit code. */
export function action<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  return async (...args: Args): Promise<void> => {
    try {
      await run(...args);
    } catch (error) {
      if (error instanceof CommandError) fail(error.message, error.exitCode);
      else if (error instanceof SettingsError) fail(error.message, EXIT.usage);
      else if (error instanceof HomingError && error.code !== 'internal_error') {
        fail(error.message, error.code === 'invalid_request' ? EXIT.usage : EXIT.failed);
      } else if (isPlain(error)) fail(error.message, EXIT.failed);
      else throw error;
    }
  };
}

function fail(message: string, exitCode: number): void {
  say(`homing: ${message}`);
  process.exitCode = exitCode;
}

/** Errors whose message is meant for people: our own named ones, and the system's. */
function isPlain(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (['FolderInUseError', 'NewerDatabaseError'].includes(error.name) || 'syscall' in error || 'code' in error)
  );
}
