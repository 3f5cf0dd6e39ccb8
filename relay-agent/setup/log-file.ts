/**
 * Writes the agent's log: one line per entry with a timestamp, rotated at 10 MB, with five older files. It contains
 * no texts of messages and no tokens: quoted text is removed, since AppleScript quotes its arguments.
 */
import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createStream } from 'rotating-file-stream';
import { SetupError } from './setup-error.ts';

export const LOG_FILES_MAX = 5;
const FILE_SIZE = '10M';

export interface LogFile {
  /** Accepts whole lines and parts of lines, like a terminal. */
  write(text: string): void;
  /** Resolves when all lines are on disk. */
  end(): Promise<void>;
}

export interface LogFileOptions {
  now: () => number;
  /** Called once, when writing the file fails. */
  onProblem(problem: string): void;
  size?: `${number}${'B' | 'K' | 'M'}`;
}

/** @throws SetupError if the folder cannot be created. */
export function openLogFile(file: string, { now, onProblem, size = FILE_SIZE }: LogFileOptions): LogFile {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SetupError(
      `Cannot write the log ${file}: ${(error as Error).message}. Choose another file with --log-file.`,
    );
  }
  const name = basename(file);
  const stream = createStream((index) => (index ? `${name}.${index}` : name), {
    path: dirname(file),
    size,
    rotate: LOG_FILES_MAX,
    mode: 0o600,
  });
  let isBroken = false;
  stream.on('error', ({ message }) => {
    if (isBroken) return;
    isBroken = true;
    onProblem(message);
  });
  let rest = '';
  const put = (line: string) => {
    if (line !== '' && !isBroken) stream.write(`${new Date(now()).toISOString()} ${withoutSecrets(line)}\n`);
  };
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) put(line);
    },
    end: () =>
      new Promise((resolve) => {
        put(rest);
        rest = '';
        if (isBroken) resolve();
        else {
          stream.once('close', resolve);
          stream.end();
        }
      }),
  };
}

const TOKEN = /dev_[\w-]{43}/g;
/** From the first quotation mark to the error number at the end: the quoted text may contain quotation marks. */
const QUOTED = /["“«][\s\S]*?(?=(?:\s*\(-\d+\))?\s*$)/;

export function withoutSecrets(line: string): string {
  return line.replace(TOKEN, 'dev_…').replace(QUOTED, '“…”');
}
