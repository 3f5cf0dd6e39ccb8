/**
 * The agent's log: a line for each thing that it says, with the time in front, in files of 10 MB of which five
 * older ones are kept. Nothing in it holds the text of a message or a token: what is between quotes, where
 * AppleScript repeats what it was given, and whatever looks like a secret are left out.
 */
import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createStream } from 'rotating-file-stream';
import { SetupError } from './setup-error.ts';

export const LOG_FILES_KEPT = 5;
const FILE_SIZE = '10M';

export interface LogFile {
  /** Takes text as it is written to a terminal: whole lines, or pieces of them. */
  write(text: string): void;
  /** Settles when all of it is on disk. */
  end(): Promise<void>;
}

export interface LogFileOptions {
  now: () => number;
  /** Called once, where the file can't be written any more. */
  onProblem(problem: string): void;
  size?: `${number}${'B' | 'K' | 'M'}`;
}

/** @throws SetupError where its folder can't be made. */
export function openLogFile(file: string, { now, onProblem, size = FILE_SIZE }: LogFileOptions): LogFile {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SetupError(
      `The log ${file} can't be written: ${(error as Error).message}. Name another file by --log-file.`,
    );
  }
  const name = basename(file);
  const stream = createStream((index) => (index ? `${name}.${index}` : name), {
    path: dirname(file),
    size,
    rotate: LOG_FILES_KEPT,
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
      rest = lines.pop()!;
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
/** From the first quotation mark to the error number at the end, since what is quoted may hold such marks too. */
const QUOTED = /["“«][\s\S]*?(?=(?:\s*\(-\d+\))?\s*$)/;

export function withoutSecrets(line: string): string {
  return line.replace(TOKEN, 'dev_…').replace(QUOTED, '“…”');
}
