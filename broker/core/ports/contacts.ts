/** Contacts and who has opted out, as the core needs them kept. */
import type { Contact } from '../model/contact.ts';
import type { Suppression } from '../model/suppression.ts';

export interface ContactQueries {
  insert(contact: Contact): Promise<void>;
  update(contact: Contact): Promise<void>;
  find(worldId: number, id: string): Promise<Contact | undefined>;
  findByHandle(worldId: number, handle: string): Promise<Contact | undefined>;
  /** Oldest first. */
  list(worldId: number, page: { limit: number; after?: string | undefined }): Promise<Contact[]>;
  /** Those whose name has the text in it, in any case, oldest first. */
  named(worldId: number, part: string, limit: number): Promise<Contact[]>;
  count(worldId: number): Promise<number>;
  remove(worldId: number, id: string): Promise<boolean>;
}

export interface SuppressionQueries {
  /** Whether anybody has opted out. */
  any(worldId: number): Promise<boolean>;
  has(worldId: number, handle: string): Promise<boolean>;
  /** Which of these are suppressed. */
  among(worldId: number, handles: readonly string[]): Promise<Set<string>>;
  /** False: it was there. */
  insert(suppression: Suppression): Promise<boolean>;
  remove(worldId: number, handle: string): Promise<boolean>;
}
