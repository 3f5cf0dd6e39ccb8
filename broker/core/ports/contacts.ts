/** Queries of contacts and suppressions. */
import type { Contact } from '../model/contact.ts';
import type { Suppression } from '../model/suppression.ts';

/** Position in the list of contacts by name. */
export interface ContactPlace {
  key: string;
  id: string;
}

export interface ContactPage {
  limit: number;
  after?: ContactPlace | undefined;
  /** Part of the name, the handle or the e-mail address; case is ignored. */
  search?: string | undefined;
}

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
  /**
   * Returns contacts in the order of their names, or of their handles if they have none. A search reads a bounded part of
   * the list, so it may return fewer than the limit before the end. `next`: where to continue; undefined at the end.
   */
  byName(
    tenantId: number,
    page: ContactPage,
  ): Promise<{ contacts: Contact[]; next: ContactPlace | undefined }>;
  /** Returns the names of the custom fields that contacts of the tenant have or had. */
  fieldNames(tenantId: number, limit: number): Promise<string[]>;
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
