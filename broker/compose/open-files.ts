/** Reads how many files this process may open. */
import { readFileSync } from 'node:fs';

const LIMITS_FILE = '/proc/self/limits';

/** Returns undefined if there is no limit, or if the system does not show it (macOS). */
export function maxOpenFiles(): number | undefined {
  let limits: string;
  try {
    limits = readFileSync(LIMITS_FILE, 'utf8');
  } catch {
    return undefined;
  }
  const found = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return found === undefined ? undefined : Number(found);
}
