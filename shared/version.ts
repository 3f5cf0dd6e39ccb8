/** Which version of Homing this is: from the package, wherever it was built to. */
import { readFileSync } from 'node:fs';

export function ownVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'homing') return version;
    } catch {
      // Not here: the built program is one folder deeper than its source.
    }
  }
  return 'unknown';
}
