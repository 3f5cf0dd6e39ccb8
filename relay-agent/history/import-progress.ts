/** Stores the progress of an import in a file beside the journal. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

const importProgress = z.object({
  /** URL of the broker. */
  broker: z.string(),
  /** Imports messages sent at or after this time, epoch ms. */
  sinceMs: z.number(),
  /** The last row of chat.db to import; the agent reports newer rows. */
  until: z.number(),
  /** The broker has all messages up to this row. */
  position: z.number(),
  read: z.number(),
  /** Number of messages that were new to the broker. */
  stored: z.number(),
  /** Number of messages that the broker already had. */
  known: z.number(),
  /** Number of reactions and changes of groups. */
  changes: z.number().default(0),
  /** Number of unsent and empty messages, link previews and other group events. */
  skipped: z.number(),
  isDone: z.boolean(),
});
export type ImportProgress = z.infer<typeof importProgress>;

export interface ProgressStore {
  /** Returns undefined if there is no file, or the file is damaged. */
  read(): ImportProgress | undefined;
  write(progress: ImportProgress): void;
  clear(): void;
}

export function progressStore(file: string): ProgressStore {
  return {
    read() {
      if (!existsSync(file)) return undefined;
      try {
        return importProgress.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch {
        return undefined;
      }
    },
    write: (progress) => writeFileAtomic.sync(file, JSON.stringify(progress), { mode: 0o600 }),
    clear: () => rmSync(file, { force: true }),
  };
}
