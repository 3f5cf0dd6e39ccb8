/** A plan file without limits that get in the way of load. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNLIMITED = 1_000_000_000;

/** Replaces the plan of the default account. */
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
