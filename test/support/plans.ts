/** Writes a plan file without limits, for load tests. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNLIMITED = 1_000_000_000;

/** The file replaces the plan `enterprise` of the default account. */
export function unlimitedPlansFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'homing-plans-')), 'plans.json');
  writeFileSync(
    file,
    JSON.stringify({
      enterprise: {
        api_requests_per_minute: UNLIMITED,
        messages_per_minute: UNLIMITED,
        messages_per_month: null,
        numbers: null,
        media: true,
      },
    }),
  );
  return file;
}
