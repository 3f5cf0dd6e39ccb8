/**
 * Prints the output of commands and maps their errors to exit codes.
 *
 * - Results go to standard output, notices and errors to standard error.
 * - With `--json`, standard output contains only JSON values, one per line.
 */
import { stripVTControlCharacters, styleText } from 'node:util';
import { DateTime } from 'luxon';
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

/** Reports that the command waits for the database. */
export function printWait(reason: string, secondsLeft: number): void {
  printNotice(`${reason} Waiting for it, up to ${secondsLeft} s…`);
}

/** Returns the present time for a file name, such as 2026-11-21T08-00-00-000Z. */
export function fileTimestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}

/** Formats a time (ISO 8601 or epoch ms) in the time zone of this machine: 2026-11-21 08:00:00. */
export function localTime(time: string | number): string {
  return DateTime.fromJSDate(new Date(time)).toFormat('yyyy-MM-dd HH:mm:ss');
}

/** Formats a duration with its two largest units: 3 h 12 min. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

type Color = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** Colors a text on a terminal, unless NO_COLOR is set. */
export function colored(color: Color, text: string): string {
  return styleText(color, text, { stream: process.stdout });
}

const STATE_COLORS = new Map<string, Color>([
  ...['delivered', 'sent', 'received', 'online', 'active', 'running'].map(
    (state) => [state, 'green'] as const,
  ),
  ...['queued', 'polling', 'pending', 'paused'].map((state) => [state, 'yellow'] as const),
  ...['failed', 'revoked', 'inactive', 'not running'].map((state) => [state, 'red'] as const),
  ['offline', 'dim'],
]);

/** Colors the name of a status or state. `text`: shown instead of the name. */
export function coloredState(state: string, text = state): string {
  const color = STATE_COLORS.get(state);
  return color === undefined ? text : colored(color, text);
}

/** Prints a table. Each column is as wide as its widest cell. */
export function printTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  for (const row of [head.map((title) => colored('bold', title)), ...rows]) {
    printLine(
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Colors have no width. */
const widthOf = (cell: string) => stripVTControlCharacters(cell).length;

/** Wraps the action of a command. Expected errors become one line on standard error and an exit code. */
export function action<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  return async (...args: Args): Promise<void> => {
    try {
      await run(...args);
    } catch (error) {
      if (error instanceof CommandError) fail(error.message, error.exitCode);
      else if (error instanceof SettingsError) fail(error.message, EXIT.usage);
      else if (error instanceof HomingError && error.code !== 'internal_error') {
        const message = error.fix === undefined ? error.message : `${error.message} ${error.fix}`;
        fail(message, error.code === 'invalid_request' ? EXIT.usage : EXIT.failed);
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
    (['FolderInUseError', 'NewerDatabaseError', 'DatabaseFileError', 'DatabaseError'].includes(error.name) ||
      'syscall' in error ||
      'code' in error)
  );
}
