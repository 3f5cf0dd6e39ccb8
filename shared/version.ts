/** Reads the version of Homing from its package.json. */
import { readFileSync } from 'node:fs';

export function ownVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'homing') return version;
    } catch {
      // The built program is one folder deeper than its source.
    }
  }
  return 'unknown';
}
