/** Contacts and who has opted out, as the core needs them kept. */
import type { Contact } from '../model/contact.ts';
import type { Suppression } from '../model/suppression.ts';

export interface ContactQueries {
  insert(contact: Contact): Promise<void>;
  update(contact: Contact): Promise<void>;
  find(tenantId: number, id: string): Promise<Contact | undefined>;
  findByHandle(tenantId: number, handle: string): Promise<Contact | undefined>;
  /** Oldest first. */
  list(tenantId: number, page: { limit: number; after?: string | undefined }): Promise<Contact[]>;
  /** Those whose name has the text in it, in any case, oldest first. */
  named(tenantId: number, part: string, limit: number): Promise<Contact[]>;
  count(tenantId: number): Promise<number>;
  remove(tenantId: number, id: string): Promise<boolean>;
}

export interface SuppressionQueries {
  /** Whether anybody has opted out. */
  hasAny(tenantId: number): Promise<boolean>;
  has(tenantId: number, handle: string): Promise<boolean>;
  /** Which of these are suppressed. */
  filterSuppressed(tenantId: number, handles: readonly string[]): Promise<Set<string>>;
  /** False: it was there. */
  insert(suppression: Suppression): Promise<boolean>;
  remove(tenantId: number, handle: string): Promise<boolean>;
}
