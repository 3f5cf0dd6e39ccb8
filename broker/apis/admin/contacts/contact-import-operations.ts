/** Imports contacts from CSV and exports them. */

import type { IncomingMessage } from 'node:http';
import { IMPORT_STEP, importContacts, type SkippedRow } from '../../../core/contacts/import-contacts.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { conflict } from '../../../core/model/errors.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { OperationResponse } from '../../../http/operation.ts';
import { readBytes } from '../../../http/request-body.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, assertSignedIn, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { ContactOptions } from '../management-options.ts';
import type { ReadContacts } from './contact-csv.ts';
import {
  type ContactImportBody,
  type ContactImportPreviewBody,
  CUSTOM_FIELDS_MAX,
  contactImport,
  contactImportPreview,
} from './contact-schemas.ts';
import { DASHBOARD_REASON } from './contact-serializers.ts';

const PATH = '/dashboard/api/:environment/contacts/import';
const FILE_MAX_BYTES = 5 * 1024 * 1024;
/** Skipped rows that the response lists. */
const SKIPPED_MAX = 1_000;
const EXPORT_PAGE = 500;
const FIELD_NAMES_MAX = 500;

export function contactImportOperations({ store, context }: ContactOptions): AdminOperation[] {
  /** Tenants with a running import. */
  const importing = new Set<number>();

  /** Reads the file of a request while no other file of the tenant is read. */
  const reading = async (
    { tenant }: AdminCaller,
    request: IncomingMessage,
    use: (contacts: ReadContacts) => Promise<OperationResponse>,
  ): Promise<OperationResponse> => {
    if (importing.has(tenant.id)) throw conflict('Another import is running. Wait until it ends.');
    importing.add(tenant.id);
    try {
      const bytes = await readBytes(request, FILE_MAX_BYTES);
      // Loaded here, so that the package does not delay the start of the broker.
      const { readContactsCsv } = await import('./contact-csv.ts');
      const [number] = await store.read.numbers.list(tenant.id);
      return await use(await readContactsCsv(bytes, number?.phoneNumber));
    } finally {
      importing.delete(tenant.id);
    }
  };

  return [
    adminOperation({
      id: 'importContacts',
      method: 'POST',
      path: PATH,
      summary: 'Import contacts from a CSV file of at most 5 MB and 50,000 rows',
      permission: 'member',
      responses: {
        200: { description: 'The result of each row.', schema: contactImport },
        400: errorResponse,
        409: { ...errorResponse, description: 'Another import is running.' },
        413: errorResponse,
      },
      changes: ['contacts', 'opt-outs', 'conversations', 'audit'],
      handle: ({ caller, request }) =>
        reading(caller, request, async ({ rows, skipped }) => {
          const change: AuditedChange = { action: 'contacts.imported', detail: { rows: rows.length } };
          await changeAsMember(store, caller, change, context, async () => {});
          const result = { created: 0, updated: 0, unchanged: 0 };
          for (let start = 0; start < rows.length; start += IMPORT_STEP) {
            const step = rows.slice(start, start + IMPORT_STEP);
            const limits = { fieldsMax: CUSTOM_FIELDS_MAX, reason: DASHBOARD_REASON };
            const done = await store.transaction(async (tx) => {
              await assertSignedIn(tx, caller, context.now());
              return importContacts(tx, caller.tenant.id, step, limits, context);
            });
            result.created += done.created;
            result.updated += done.updated;
            result.unchanged += done.unchanged;
            skipped.push(...done.skipped);
          }
          skipped.sort((a, b) => a.line - b.line);
          const body: ContactImportBody = { ...result, ...shown(skipped) };
          return { status: 200, body };
        }),
    }),
    adminOperation({
      id: 'previewContactImport',
      method: 'POST',
      path: `${PATH}/preview`,
      summary: 'Read a CSV file like the import, without changing a contact',
      permission: 'member',
      responses: {
        200: { description: 'The columns and the first rows.', schema: contactImportPreview },
        ...{ 400: errorResponse, 409: errorResponse, 413: errorResponse },
      },
      handle: ({ caller, request }) =>
        reading(caller, request, async ({ columns, firstRows, rows, skipped }) => {
          const body: ContactImportPreviewBody = {
            ...{ columns, firstRows, contactCount: rows.length },
            ...shown(skipped),
          };
          return { status: 200, body };
        }),
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

const shown = (skipped: SkippedRow[]) => ({
  skipped: skipped.slice(0, SKIPPED_MAX),
  skippedCount: skipped.length,
});

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
