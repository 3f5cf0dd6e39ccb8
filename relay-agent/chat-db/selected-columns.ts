/** Selects the columns of chat.db that exist, and limits the size of their values. */
import { PROPERTY_LIST_MAX_BYTES } from './property-list.ts';

/** Larger values are not from Messages. */
const MAX_BYTES: Readonly<Record<string, number>> = {
  text: 256 * 1024,
  attributedBody: 256 * 1024,
  subject: 64 * 1024,
  message_summary_info: PROPERTY_LIST_MAX_BYTES + 1,
  payload_data: PROPERTY_LIST_MAX_BYTES + 1,
};

/** Selects the existing columns; a missing one is NULL. Only the beginning of a large value is read. */
export function selected(names: readonly string[], present: ReadonlySet<string>, table: string): string {
  return names
    .map((name) => {
      if (!present.has(name)) return `NULL AS ${name}`;
      const column = `${table}.${name}`;
      const max = MAX_BYTES[name];
      if (max === undefined) return column;
      return `CASE WHEN length(${column}) > ${max} THEN substr(${column}, 1, ${max}) ELSE ${column} END AS ${name}`;
    })
    .join(', ');
}
