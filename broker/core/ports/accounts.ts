/** Accounts, their keys, and the people and saved replies of their own side, as the core needs them kept. */
import type { Account, Credential, Environment, Permission, World } from '../model/account.ts';
import type { SavedReply, User } from '../model/user.ts';

export interface AccountQueries {
  insert(account: Account): Promise<void>;
  findBySlug(slug: string): Promise<Account | undefined>;
  list(): Promise<Account[]>;
  setPlan(id: string, plan: string): Promise<void>;
  world(accountId: string, environment: Environment): Promise<World | undefined>;
  environmentOf(worldId: number): Promise<Environment | undefined>;
}

export interface NewCredential {
  id: string;
  worldId: number;
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
  isLive(id: string): Promise<boolean>;
  revoke(id: string, at: number): Promise<boolean>;
}

export interface UserQueries {
  find(worldId: number, id: string): Promise<User | undefined>;
  list(worldId: number): Promise<User[]>;
  put(user: User): Promise<void>;
}

export interface SavedReplyQueries {
  insert(reply: SavedReply): Promise<void>;
  find(worldId: number, id: string): Promise<SavedReply | undefined>;
  list(worldId: number, userId: string): Promise<SavedReply[]>;
}
