/** Writes plan tables to files for HOMING_PLANS_FILE. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface PlanRow {
  api_requests_per_minute: number;
  messages_per_minute: number;
  messages_per_month: number | null;
  numbers: number | null;
  media: boolean;
}

export const ROOMY: PlanRow = {
  api_requests_per_minute: 1_000_000,
  messages_per_minute: 1_000_000,
  messages_per_month: null,
  numbers: null,
  media: true,
};

export function writePlans(plans: Record<string, PlanRow>): string {
  const file = join(mkdtempSync(join(tmpdir(), 'homing-plans-')), 'plans.json');
  writeFileSync(file, JSON.stringify(plans));
  return file;
}
