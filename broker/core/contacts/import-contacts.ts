/** Imports contacts in steps. A repeated import changes nothing. */
import type { Contact, CustomFields } from '../model/contact.ts';
import type { Queries } from '../ports/store.ts';
import { type ContactContext, newContact } from './contacts.ts';
import { suppress } from './opt-out.ts';

/** Number of rows that one transaction imports. */
export const IMPORT_STEP = 100;

/** An omitted value leaves the value of a known contact unchanged. */
export interface ImportedContact {
  /** Line in the file, from 1. */
  line: number;
  handle: string;
  name?: string | undefined;
  email?: string | undefined;
  customFields: Readonly<Record<string, string>>;
  isOptedOut: boolean;
}

export interface ImportCounts {
  created: number;
  updated: number;
  unchanged: number;
}

export interface SkippedRow {
  line: number;
  reason: string;
}

export async function importContacts(
  tx: Queries,
  tenantId: number,
  rows: readonly ImportedContact[],
  { fieldsMax, reason }: { fieldsMax: number; reason: string },
  context: ContactContext,
): Promise<ImportCounts & { skipped: SkippedRow[] }> {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  const skipped: SkippedRow[] = [];
  const handles = rows.map(({ handle }) => handle);
  const contacts = new Map(
    (await tx.contacts.findByHandles(tenantId, handles)).map((contact) => [contact.handle, contact]),
  );
  for (const row of rows) {
    const known = contacts.get(row.handle);
    const customFields = { ...known?.customFields, ...row.customFields };
    if (Object.keys(customFields).length > fieldsMax) {
      skipped.push({
        line: row.line,
        reason: `The contact would have more than ${fieldsMax} custom fields.`,
      });
      continue;
    }
    const next = {
      name: row.name ?? known?.name ?? null,
      email: row.email ?? known?.email ?? null,
      customFields,
    };
    if (known === undefined) {
      const created = newContact({ tenantId, handle: row.handle, ...next }, context);
      await tx.contacts.insert(created);
      contacts.set(row.handle, created);
      counts.created += 1;
    } else if (isSame(known, next)) {
      counts.unchanged += 1;
    } else {
      const updated = { ...known, ...next, updatedAt: context.now() };
      await tx.contacts.update(updated);
      contacts.set(row.handle, updated);
      counts.updated += 1;
    }
    if (row.isOptedOut) {
      await suppress(tx, tenantId, row.handle, reason, { now: context.now(), ids: context.ids });
    }
  }
  return { ...counts, skipped };
}

function isSame(known: Contact, next: Pick<Contact, 'name' | 'email' | 'customFields'>): boolean {
  return (
    known.name === next.name && known.email === next.email && isSubset(next.customFields, known.customFields)
  );
}

const isSubset = (fields: CustomFields, of: CustomFields) =>
  Object.entries(fields).every(([name, value]) => of[name] === value);
