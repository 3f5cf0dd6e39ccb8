/** Reads the plans in the file of HOMING_PLANS_FILE. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SettingsError } from './config.ts';
import { DEFAULT_PLANS, type PlanTable } from './core/model/plan.ts';

const limit = z.number().int().min(0);
const planFile = z.record(
  z.string().min(1),
  z.strictObject({
    api_requests_per_minute: limit.min(1),
    messages_per_minute: limit,
    messages_per_month: limit.nullable(),
    numbers: limit.nullable(),
    media: z.boolean(),
  }),
);

/** Returns the default plans and the plans of the file. A plan of the file replaces the default of the same name. */
export function readPlans(file: string | undefined): PlanTable {
  if (file === undefined) return DEFAULT_PLANS;
  const problem = (reason: string) => new SettingsError([`HOMING_PLANS_FILE: ${file} ${reason}`]);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problem(`is not a readable JSON file: ${(error as Error).message}`);
  }
  const parsed = planFile.safeParse(json);
  if (!parsed.success) throw problem(`is not a table of plans.\n${z.prettifyError(parsed.error)}`);
  const plans = Object.entries(parsed.data).map(([name, plan]) => [
    name,
    {
      apiRequestsPerMinute: plan.api_requests_per_minute,
      messagesPerMinute: plan.messages_per_minute,
      messagesPerMonth: plan.messages_per_month,
      numbers: plan.numbers,
      media: plan.media,
    },
  ]);
  return { ...DEFAULT_PLANS, ...Object.fromEntries(plans) };
}
