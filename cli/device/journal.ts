/**
 * What the scripted device remembers: every message it took, every report it made and every text it received,
 * with what was acknowledged of them. A line is written before what it says is told to anybody; for this
 * device, writing `sent` *is* the sending, so nothing can come in between.
 *
 * The file is JSON lines, appended only. It survives the end of the process at any point (a line that was cut
 * off is dropped), not the loss of the machine's power: nothing is forced to the disk.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { deliverItem, inboundItem, REPORT_STATES, reportItem } from '../../shared/protocol.ts';

const journalLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), item: deliverItem }),
  z.object({ kind: z.literal('reported'), report: reportItem }),
  z.object({ kind: z.literal('acknowledged'), message: z.string(), state: z.enum(REPORT_STATES) }),
  z.object({ kind: z.literal('text'), item: inboundItem }),
  z.object({ kind: z.literal('text_acknowledged'), guid: z.string() }),
]);
export type JournalLine = z.infer<typeof journalLine>;

export interface Journal {
  /** What it held when it was opened. */
  readonly lines: readonly JournalLine[];
  append(line: JournalLine): void;
  close(): void;
}

export class JournalDamagedError extends Error {
  constructor(file: string, line: number) {
    super(
      `Line ${line} of the journal ${file} can't be read, so it is not known what was sent. Start with another ` +
        'file, or remove the line if you know what it said.',
    );
    this.name = 'JournalDamagedError';
  }
}

/** Forgets everything with the process. */
export function memoryJournal(): Journal {
  return { lines: [], append() {}, close() {} };
}

/** @throws JournalDamagedError */
export function fileJournal(file: string): Journal {
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    const content = readFileSync(descriptor);
    const wholeBytes = content.lastIndexOf('\n') + 1;
    const lines = content
      .subarray(0, wholeBytes)
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map((text, index) => readLine(text) ?? damaged(file, index + 1));
    if (wholeBytes < content.length) ftruncateSync(descriptor, wholeBytes);
    return {
      lines,
      append: (line) => {
        writeSync(descriptor, `${JSON.stringify(line)}\n`);
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function readLine(text: string): JournalLine | undefined {
  try {
    return journalLine.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function damaged(file: string, line: number): never {
  throw new JournalDamagedError(file, line);
}
