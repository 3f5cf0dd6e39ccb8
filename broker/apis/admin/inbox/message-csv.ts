/** Formats messages as CSV. */
import { formatId } from '../../../../shared/ids.ts';
import type { Message } from '../../../core/model/message.ts';
import { type CsvValue, csvLine } from '../../../http/csv.ts';

type Column = [name: string, value: (message: Message) => CsvValue];

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

export const CSV_HEADER = csvLine(COLUMNS.map(([name]) => name));

export function csvRows(messages: readonly Message[]): string {
  return messages.map((message) => csvLine(COLUMNS.map(([, value]) => value(message)))).join('');
}
