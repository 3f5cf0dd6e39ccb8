/**
 * Opens chat.db, and waits for Full Disk Access if macOS denies it. Meanwhile the doctor can query the agent. Some versions
 * of macOS apply a new permission only to new processes, so the wait ends after a minute, and launchd starts the agent again.
 */
import { closeSync, openSync } from 'node:fs';
import { ChatDatabase, type ChatDatabaseError } from '../chat-db/chat-database.ts';

const POLL_MS = 2_000;

export interface PermissionWait {
  /** 0: no wait. */
  maxMs: number;
  wait(ms: number): Promise<void>;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  onWait(error: ChatDatabaseError): void;
}

/** @throws ChatDatabaseError */
export async function openWhenPermitted(file: string, options: PermissionWait): Promise<ChatDatabase> {
  const { maxMs, wait, monotonicNow, onWait } = options;
  const deadline = monotonicNow() + maxMs;
  for (let isReported = false; ; isReported = true) {
    try {
      return new ChatDatabase(file);
    } catch (error) {
      if (monotonicNow() >= deadline || !isDenied(file)) throw error;
      if (!isReported) onWait(error as ChatDatabaseError);
      await wait(POLL_MS);
    }
  }
}

/** True if the file exists and cannot be opened. */
function isDenied(file: string): boolean {
  try {
    closeSync(openSync(file, 'r'));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
