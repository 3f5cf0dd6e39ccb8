/** Imports contacts from CSV and exports them. */
import { IMPORT_STEP, importContacts } from '../../core/contacts/import-contacts.ts';
import { conflict } from '../../core/model/errors.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { readBytes } from '../../http/request-body.ts';
import { type AdminOperation, adminOperation } from './admin-operation.ts';
import { assertSignedIn, changeAsMember } from './caller.ts';
import { type ContactImportBody, CUSTOM_FIELDS_MAX, contactImport } from './contact-schemas.ts';
import { DASHBOARD_REASON } from './contact-serializers.ts';
import { errorResponse } from './errors.ts';
import type { ContactOptions } from './management-options.ts';

const FILE_MAX_BYTES = 5 * 1024 * 1024;
/** Skipped rows that the response lists. */
const SKIPPED_MAX = 1_000;
const EXPORT_PAGE = 500;
const FIELD_NAMES_MAX = 500;

export function contactImportOperations({ store, context }: ContactOptions): AdminOperation[] {
  /** Tenants with a running import. */
  const importing = new Set<number>();
  return [
    adminOperation({
      id: 'importContacts',
      method: 'POST',
      path: '/dashboard/api/:environment/contacts/import',
      summary: 'Import contacts from a CSV file of at most 5 MB and 50,000 rows',
      permission: 'member',
      responses: {
        200: { description: 'The result of each row.', schema: contactImport },
        400: errorResponse,
        409: { ...errorResponse, description: 'Another import is running.' },
        413: errorResponse,
      },
      changes: ['contacts', 'opt-outs', 'conversations', 'audit'],
      async handle({ caller, request }) {
        const { id: tenantId } = caller.tenant;
        if (importing.has(tenantId)) throw conflict('Another import is running. Wait until it ends.');
        importing.add(tenantId);
        try {
          const bytes = await readBytes(request, FILE_MAX_BYTES);
          // Loaded here, so that the package does not delay the start of the broker.
          const { readContactsCsv } = await import('./contact-csv.ts');
          const [number] = await store.read.numbers.list(tenantId);
          const { rows, skipped } = await readContactsCsv(bytes, number?.phoneNumber);
          const change = { action: 'contacts.imported', detail: { rows: rows.length } };
          await changeAsMember(store, caller, change, context, async () => {});
          const result = { created: 0, updated: 0, unchanged: 0 };
          for (let start = 0; start < rows.length; start += IMPORT_STEP) {
            const step = rows.slice(start, start + IMPORT_STEP);
            const limits = { fieldsMax: CUSTOM_FIELDS_MAX, reason: DASHBOARD_REASON };
            const done = await store.transaction(async (tx) => {
              await assertSignedIn(tx, caller, context.now());
              return importContacts(tx, tenantId, step, limits, context);
            });
            result.created += done.created;
            result.updated += done.updated;
            result.unchanged += done.unchanged;
            skipped.push(...done.skipped);
          }
          skipped.sort((a, b) => a.line - b.line);
          const body: ContactImportBody = {
            ...result,
            skipped: skipped.slice(0, SKIPPED_MAX),
            skippedCount: skipped.length,
          };
          return { status: 200, body };
        } finally {
          importing.delete(tenantId);
        }
      },
    }),
    adminOperation({
      id: 'exportContacts',
      method: 'GET',
      path: '/dashboard/api/:environment/contacts.csv',
      summary: 'Download all contacts as CSV',
      permission: 'viewer',
      responses: { 200: { description: 'The contacts, by name.', contentType: 'text/csv' } },
      async handle({ caller: { tenant } }) {
        return {
          status: 200,
          contentType: 'text/csv; charset=utf-8',
          headers: {
            'content-disposition': 'attachment; filename="contacts.csv"',
            'cache-control': 'no-store',
          },
          stream: { chunks: exportedLines(store.read, tenant) },
        };
      },
    }),
  ];
}

async function* exportedLines(read: Queries, { id: tenantId }: Tenant): AsyncGenerator<Uint8Array> {
  const { contactsCsv } = await import('./contact-csv.ts');
  const { header, lineOf } = contactsCsv(await read.contacts.fieldNames(tenantId, FIELD_NAMES_MAX));
  yield Buffer.from(header);
  let after: Awaited<ReturnType<Queries['contacts']['byName']>>['next'];
  do {
    const page = await read.contacts.byName(tenantId, { limit: EXPORT_PAGE, after });
    const handles = page.contacts.map(({ handle }) => handle);
    const optedOut = await read.suppressions.filterSuppressed(tenantId, handles);
    const lines = page.contacts.map((contact) => lineOf(contact, optedOut.has(contact.handle)));
    if (lines.length > 0) yield Buffer.from(lines.join(''));
    after = page.next;
  } while (after !== undefined);
}
