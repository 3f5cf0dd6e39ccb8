/** Queries of contacts and suppressions. */
import type { Contact } from '../model/contact.ts';
import type { Suppression } from '../model/suppression.ts';

export interface ContactQueries {
  insert(contact: Contact): Promise<void>;
  update(contact: Contact): Promise<void>;
  find(tenantId: number, id: string): Promise<Contact | undefined>;
  findByHandle(tenantId: number, handle: string): Promise<Contact | undefined>;
  /** Returns the contacts with these handles, in no order. */
  findByHandles(tenantId: number, handles: readonly string[]): Promise<Contact[]>;
  /** Oldest first. */
  list(tenantId: number, page: { limit: number; after?: string | undefined }): Promise<Contact[]>;
  /** Returns the contacts whose name contains the text, ignoring case. Oldest first. */
  named(tenantId: number, part: string, limit: number): Promise<Contact[]>;
  count(tenantId: number): Promise<number>;
  remove(tenantId: number, id: string): Promise<boolean>;
}

export interface SuppressionQueries {
  /** True if the tenant has any suppression. */
  hasAny(tenantId: number): Promise<boolean>;
  has(tenantId: number, handle: string): Promise<boolean>;
  find(tenantId: number, handle: string): Promise<Suppression | undefined>;
  /** In the order of their handles, after the given one. */
  list(tenantId: number, page: { limit: number; after?: string | undefined }): Promise<Suppression[]>;
  /** Returns the suppressed handles among these. */
  filterSuppressed(tenantId: number, handles: readonly string[]): Promise<Set<string>>;
  /** Returns false if the handle was suppressed before. */
  insert(suppression: Suppression): Promise<boolean>;
  remove(tenantId: number, handle: string): Promise<boolean>;
}
