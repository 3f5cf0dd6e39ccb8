/**
 * Defines the tenant: one account in one environment. Every number, device, message and counter belongs to exactly one
 * tenant. Every query names its tenant, so it never returns data of another account or of the other environment.
 */
export type Environment = 'live' | 'test';

export interface Tenant {
  id: number;
  accountId: string;
  accountSlug: string;
  environment: Environment;
  plan: string;
}
