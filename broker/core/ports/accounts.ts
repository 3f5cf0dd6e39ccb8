/** Queries of accounts, API keys, users and saved replies. */
import type { Account } from '../model/account.ts';
import type { Credential, Permission } from '../model/api-key.ts';
import type { Environment, Tenant } from '../model/tenant.ts';
import type { SavedReply, User } from '../model/user.ts';

export interface AccountQueries {
  insert(account: Account): Promise<void>;
  findBySlug(slug: string): Promise<Account | undefined>;
  list(): Promise<Account[]>;
  /** Returns the number of accounts, counted up to the limit. */
  count(limit: number): Promise<number>;
  setPlan(id: string, plan: string): Promise<void>;
  tenant(accountId: string, environment: Environment): Promise<Tenant | undefined>;
  environmentOf(tenantId: number): Promise<Environment | undefined>;
  accountOf(tenantId: number): Promise<string | undefined>;
}

export interface NewCredential {
  id: string;
  tenantId: number;
  label: string;
  permissions: readonly Permission[];
  /** SHA-256 of the key, hex. The key itself is never stored. */
  hash: string;
  createdAt: number;
}

export interface CredentialQueries {
  insert(credential: NewCredential): Promise<void>;
  findByHash(hash: string): Promise<Credential | undefined>;
  find(id: string): Promise<Credential | undefined>;
  list(): Promise<Credential[]>;
  /** True if any tenant has a key, also a revoked one. */
  hasAny(): Promise<boolean>;
  /** Returns the keys of the tenant with the stored time of their last use (epoch ms). Newest first. */
  ofTenant(tenantId: number): Promise<Array<Credential & { lastUsedAt: number | null }>>;
  /** Stores when keys were last used (epoch ms). */
  recordUses(uses: ReadonlyArray<readonly [id: string, at: number]>): Promise<void>;
  isLive(id: string): Promise<boolean>;
  revoke(id: string, at: number): Promise<boolean>;
}

export interface UserQueries {
  find(tenantId: number, id: string): Promise<User | undefined>;
  list(tenantId: number): Promise<User[]>;
  put(user: User): Promise<void>;
}

export interface SavedReplyQueries {
  insert(reply: SavedReply): Promise<void>;
  find(tenantId: number, id: string): Promise<SavedReply | undefined>;
  /** Oldest first. */
  list(tenantId: number, userId: string): Promise<SavedReply[]>;
  count(tenantId: number, userId: string): Promise<number>;
  update(reply: SavedReply): Promise<void>;
  /** Returns false if it does not exist. */
  remove(tenantId: number, id: string): Promise<boolean>;
}
