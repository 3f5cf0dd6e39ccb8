/**
 * Formats messages as CSV (RFC 4180).
 *
 * A spreadsheet runs a cell as a formula if it starts with `=`, `+`, `-` or `@`. Such a cell gets an apostrophe. A phone
 * number keeps its `+`: as a formula it is only the number itself, and other programs read it unchanged.
 */
import { formatId } from '../../../shared/ids.ts';
import type { Message } from '../../core/model/message.ts';

const PHONE_NUMBER = /^\+\d{7,15}$/;
const FORMULA = /^[=+\-@\t\r]/;
const SPECIAL = /[",\r\n]/;

type Column = [name: string, value: (message: Message) => string | number | null];

const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const COLUMNS: readonly Column[] = [
  ['id', ({ id }) => formatId('msg', id)],
  ['created_at', ({ createdAt }) => time(createdAt)],
  ['direction', ({ direction }) => direction],
  ['status', ({ status }) => status],
  ['number', ({ ownNumber }) => ownNumber],
  ['recipient', ({ handle }) => handle],
  ['group', ({ chat }) => chat],
  ['service', ({ service }) => service],
  ['content', ({ content }) => content],
  ['attachments', ({ media }) => media.length],
  ['send_at', ({ sendAt }) => time(sendAt)],
  ['sent_at', ({ sentAt }) => time(sentAt)],
  ['delivered_at', ({ deliveredAt }) => time(deliveredAt)],
  ['read_at', ({ readAt }) => time(readAt)],
  ['failed_at', ({ failedAt }) => time(failedAt)],
  ['error_code', ({ errorCode }) => errorCode],
  ['error_message', ({ errorMessage }) => errorMessage],
  ['cost_cents', ({ costCents }) => costCents],
];

export const CSV_HEADER = `${COLUMNS.map(([name]) => name).join(',')}\r\n`;

export function csvRows(messages: readonly Message[]): string {
  return messages
    .map((message) => `${COLUMNS.map(([, value]) => csvCell(value(message))).join(',')}\r\n`)
    .join('');
}

export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (PHONE_NUMBER.test(value)) return `"${value}"`;
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
