/** Defines the account, which owns a live tenant and a test tenant (its sandbox). */
export interface Account {
  id: string;
  slug: string;
  plan: string;
  createdAt: number;
}
