/** Watches the files of chat.db and notifies of changes. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { After } from '../transport/transport.ts';

export interface WatchOptions {
  file: string;
  after: After;
  onChange(): void;
  onProblem(problem: string): void;
}

/** The file event precedes the commit that SQLite counts as a change, and the commit causes no event. */
const COMMIT_MS = 30;

/** Calls `onChange` at each event and shortly after the last one. Returns a function that stops watching. */
export function watchChatDatabase({ file, after, onChange, onProblem }: WatchOptions): () => void {
  let cancelRepeat = () => {};
  const watcher = watch(dirname(file), (_, name) => {
    if (name !== null && !name.startsWith(basename(file))) return;
    onChange();
    cancelRepeat();
    cancelRepeat = after(COMMIT_MS, onChange);
  });
  watcher.on('error', (error) => onProblem(`Stopped watching chat.db: ${error.message}`));
  return () => {
    cancelRepeat();
    watcher.close();
  };
}
