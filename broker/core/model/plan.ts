/** Defines the plans of accounts, with the default plan table. `null` means unlimited. */
import { HomingError } from './errors.ts';

export interface Plan {
  apiRequestsPerMinute: number;
  messagesPerMinute: number;
  messagesPerMonth: number | null;
  numbers: number | null;
  /** Allows media messages and the event message.delivered. */
  media: boolean;
}

export type PlanTable = Readonly<Record<string, Plan>>;

export const DEFAULT_PLANS = {
  free: { apiRequestsPerMinute: 60, messagesPerMinute: 5, messagesPerMonth: 100, numbers: 1, media: false },
  starter: {
    apiRequestsPerMinute: 300,
    messagesPerMinute: 20,
    messagesPerMonth: 1_000,
    numbers: 2,
    media: true,
  },
  pro: {
    apiRequestsPerMinute: 1_000,
    messagesPerMinute: 60,
    messagesPerMonth: 10_000,
    numbers: 5,
    media: true,
  },
  enterprise: {
    apiRequestsPerMinute: 5_000,
    messagesPerMinute: 200,
    messagesPerMonth: null,
    numbers: null,
    media: true,
  },
} as const satisfies PlanTable;

export const DEFAULT_PLAN = 'enterprise';

export function planNamed(plans: PlanTable, name: string): Plan {
  const plan = plans[name];
  if (plan === undefined) {
    throw new HomingError(
      'internal_error',
      `The account's plan '${name}' is not in the plan table (${Object.keys(plans).join(', ')}).`,
    );
  }
  return plan;
}
