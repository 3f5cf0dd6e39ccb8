/**
 * Reads contacts from CSV, and writes them. The first line names the columns: a phone number, a name (or first and last
 * name), an e-mail address, opted_out, and custom fields.
 */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { isHandle, normalizeHandle, parseNationalNumber } from '../../../../shared/phone-numbers.ts';
import type { ImportedContact, SkippedRow } from '../../../core/contacts/import-contacts.ts';
import type { Contact } from '../../../core/model/contact.ts';
import { invalidRequest } from '../../../core/model/errors.ts';
import { csvLine, csvText } from '../../../http/csv.ts';
import {
  type ContactImportPreviewBody,
  CUSTOM_FIELDS_MAX,
  contactEmail,
  contactName,
  FIELD_NAME,
  fieldText,
} from './contact-schemas.ts';

const ROWS_MAX = 50_000;
const RECORD_MAX_BYTES = 64 * 1024;
/** Bytes that are read in one turn of the event loop: some hundred rows. */
const SLICE_BYTES = 8 * 1024;

const HANDLE_COLUMNS = ['phone_number', 'phone', 'number', 'handle', 'mobile', 'telephone', 'tel'];
const EMAIL_COLUMNS = ['email', 'e_mail', 'email_address', 'mail'];
/** Rows, columns and characters of a cell that a preview shows. */
const PREVIEW_ROWS = 5;
const PREVIEW_COLUMNS = 100;
const PREVIEW_CHARACTERS = 100;
const YES = new Set(['true', 'yes', '1']);

interface Columns {
  handle: number;
  name: number | undefined;
  firstName: number | undefined;
  lastName: number | undefined;
  email: number | undefined;
  optedOut: number | undefined;
  custom: ReadonlyArray<{ name: string; index: number }>;
}

type PreviewedColumn = ContactImportPreviewBody['columns'][number];

export interface ReadContacts {
  rows: ImportedContact[];
  skipped: SkippedRow[];
  columns: PreviewedColumn[];
  /** Cells of the first rows. */
  firstRows: string[][];
}

/** `ownNumber` determines the country of numbers without a country code. @throws HomingError if the file is unusable */
export async function readContactsCsv(bytes: Buffer, ownNumber: string | undefined): Promise<ReadContacts> {
  if (!isUtf8(bytes)) {
    throw invalidRequest('The file is not UTF-8. Save it in the spreadsheet as “CSV UTF-8”.', 'file');
  }
  const parser = Readable.from(slices(bytes)).pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(bytes),
      info: true,
      max_record_size: RECORD_MAX_BYTES,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  const read: ReadContacts = { rows: [], skipped: [], columns: [], firstRows: [] };
  let columns: Columns | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (columns === undefined) {
        columns = columnsOf(record);
        read.columns = previewOf(record, columns);
        continue;
      }
      if (read.firstRows.length < PREVIEW_ROWS) read.firstRows.push(shownCells(record));
      if (read.rows.length + read.skipped.length >= ROWS_MAX) {
        throw invalidRequest(`The file has more than ${ROWS_MAX} rows. Split it into smaller files.`, 'file');
      }
      const row = rowOf(record, info.lines, columns, ownNumber);
      if ('reason' in row) read.skipped.push(row);
      else read.rows.push(row);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalidRequest(`The file is not valid CSV: ${error.message}.`, 'file');
  }
  if (columns === undefined) throw invalidRequest('The file is empty.', 'file');
  return read;
}

async function* slices(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    yield bytes.subarray(start, start + SLICE_BYTES);
    await nextTurn();
  }
}

/** A spreadsheet in a country with decimal commas writes semicolons. */
function delimiterOf(bytes: Buffer): string {
  const [header = ''] = bytes.subarray(0, 4_096).toString('utf8').split('\n', 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  const [most = ','] = [',', ';', '\t'].sort((one, other) => count(other) - count(one));
  return most;
}

function columnsOf(header: readonly string[]): Columns {
  const names = header.map((cell) =>
    cell
      .toLowerCase()
      .replaceAll(/\W+/g, '_')
      .replaceAll(/^_+|_+$/g, ''),
  );
  const indexOf = (...known: string[]) => {
    const index = names.findIndex((name) => known.includes(name));
    return index < 0 ? undefined : index;
  };
  const handle = indexOf(...HANDLE_COLUMNS);
  if (handle === undefined) {
    throw invalidRequest('The first line of the file must name a column phone_number.', 'file');
  }
  const columns = {
    handle,
    name: indexOf('name', 'full_name'),
    firstName: indexOf('first_name', 'firstname'),
    lastName: indexOf('last_name', 'lastname'),
    email: indexOf(...EMAIL_COLUMNS),
    optedOut: indexOf('opted_out'),
  };
  const used = new Set<number | undefined>(Object.values(columns));
  const custom = names.flatMap((name, index) =>
    used.has(index) || !FIELD_NAME.test(name) || name === '__proto__' ? [] : [{ name, index }],
  );
  if (custom.length > CUSTOM_FIELDS_MAX) {
    throw invalidRequest(`The file has more than ${CUSTOM_FIELDS_MAX} custom fields.`, 'file');
  }
  return { ...columns, custom };
}

function previewOf(header: readonly string[], { custom, ...known }: Columns): PreviewedColumn[] {
  return shownCells(header).map((name, index) => {
    const field = custom.find((one) => one.index === index)?.name ?? null;
    const [kind] = Object.entries(known).find(([, at]) => at === index) ?? [];
    const use = (kind as keyof typeof known | undefined) ?? (field === null ? 'ignored' : 'customField');
    return { name, use, field };
  });
}

const shownCells = (record: readonly string[]) =>
  record.slice(0, PREVIEW_COLUMNS).map((cell) => csvText(cell).slice(0, PREVIEW_CHARACTERS));

function rowOf(
  record: readonly string[],
  line: number,
  columns: Columns,
  ownNumber: string | undefined,
): ImportedContact | SkippedRow {
  const cell = (index: number | undefined) => csvText(index === undefined ? '' : (record[index] ?? ''));
  const given = cell(columns.handle);
  const handle = handleOf(given, ownNumber);
  if (handle === undefined) {
    const reason =
      given === ''
        ? 'The phone number is missing.'
        : `'${given.slice(0, 40)}' is not a phone number such as +14155550100.`;
    return { line, reason };
  }
  const names = [cell(columns.firstName), cell(columns.lastName)].filter((part) => part !== '');
  const name = contactName.safeParse(cell(columns.name) || names.join(' '));
  if (!name.success)
    return { line, reason: 'The name is too long or has a character that cannot be stored.' };
  const email = contactEmail.safeParse(cell(columns.email));
  if (!email.success)
    return { line, reason: `'${cell(columns.email).slice(0, 40)}' is not an e-mail address.` };
  const customFields: Record<string, string> = {};
  for (const { name: field, index } of columns.custom) {
    const value = cell(index);
    if (value === '') continue;
    if (!fieldText.safeParse(value).success) {
      return { line, reason: `The value of ${field} is too long or has a character that cannot be stored.` };
    }
    customFields[field] = value;
  }
  return {
    ...{ line, handle, customFields },
    name: name.data ?? undefined,
    email: email.data ?? undefined,
    isOptedOut: YES.has(cell(columns.optedOut).toLowerCase()),
  };
}

function handleOf(given: string, ownNumber: string | undefined): string | undefined {
  const handle = normalizeHandle(given);
  if (handle.startsWith('+') || handle.includes('@')) return isHandle(handle) ? handle : undefined;
  // Seven or more digits are a number without its country code. A short code has fewer.
  const isNational = handle.replaceAll(/\D/g, '').length >= 7;
  if (isNational && ownNumber !== undefined) return parseNationalNumber(given, ownNumber);
  return isHandle(handle) && !isNational ? handle : undefined;
}

/** Returns the first line of the file and a function that formats a contact as a line. */
export function contactsCsv(fieldNames: readonly string[]) {
  return {
    header: csvLine(['phone_number', 'name', 'email', 'opted_out', ...fieldNames]),
    lineOf: ({ handle, name, email, customFields }: Contact, isOptedOut: boolean) =>
      csvLine([handle, name, email, isOptedOut, ...fieldNames.map((field) => customFields[field] ?? null)]),
  };
}
