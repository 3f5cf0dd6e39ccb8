/** How far an import has come, in a file beside the journal. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

const importProgress = z.object({
  /** The broker that it goes to. */
  broker: z.string(),
  /** Messages from this time on, epoch ms. */
  sinceMs: z.number(),
  /** Up to this row of chat.db: what comes later is the agent's. */
  until: z.number(),
  /** Everything up to this row is there. */
  position: z.number(),
  read: z.number(),
  /** New to the broker. */
  stored: z.number(),
  /** Known to it already. */
  known: z.number(),
  /** Events of groups, and what says nothing. */
  skipped: z.number(),
  isDone: z.boolean(),
});
export type ImportProgress = z.infer<typeof importProgress>;

export interface ProgressStore {
  /** Undefined where there is none, or none that can be used. */
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
