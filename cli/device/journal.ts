/**
 * Stores the state of the scripted device: accepted messages and actions, reports, received texts and their acknowledgements.
 *
 * - Each line is written before its content is sent. Writing `sent` is the act of sending, so no crash can occur
 *   between the two.
 * - The file is append-only JSON lines. It survives a crash of the process at any point: a truncated last line is
 *   dropped. It does not survive a power failure, because it is not synced to disk.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { actItem, deliverItem, inboundItem, REPORT_STATES, reportItem } from '../../shared/protocol.ts';

const journalLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), item: deliverItem }),
  z.object({ kind: z.literal('action_taken'), item: actItem }),
  z.object({ kind: z.literal('reported'), report: reportItem }),
  // `message` is the id of a message or an action.
  z.object({ kind: z.literal('acknowledged'), message: z.string(), state: z.enum(REPORT_STATES) }),
  z.object({ kind: z.literal('text'), item: inboundItem }),
  z.object({ kind: z.literal('text_acknowledged'), guid: z.string() }),
]);
export type JournalLine = z.infer<typeof journalLine>;

export interface Journal {
  /** Lines at the time of opening. */
  readonly lines: readonly JournalLine[];
  append(line: JournalLine): void;
  close(): void;
}

export class JournalDamagedError extends Error {
  constructor(file: string, line: number) {
    super(
      `Line ${line} of the journal ${file} is invalid, so the sent messages are unknown. Use another file, or remove ` +
        'the line if you know its content.',
    );
    this.name = 'JournalDamagedError';
  }
}

/** Returns a journal that does not outlive the process. */
export function memoryJournal(): Journal {
  return { lines: [], append() {}, close() {} };
}

/** @throws JournalDamagedError */
export function fileJournal(file: string): Journal {
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    const content = readFileSync(descriptor);
    const completeBytes = content.lastIndexOf('\n') + 1;
    const lines = content
      .subarray(0, completeBytes)
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map((text, index) => readLine(text) ?? damaged(file, index + 1));
    if (completeBytes < content.length) ftruncateSync(descriptor, completeBytes);
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
