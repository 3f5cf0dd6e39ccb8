/** Builds queries of chat.db for the columns that exist. */
import { COLUMNS } from './chat-row.ts';
import { SECONDS_MAX } from './chat-time.ts';
import { selected } from './selected-columns.ts';

/** The column has nanoseconds, or seconds in rows of old versions. */
export const MS_SINCE_2001 = `(CASE WHEN m.date < ${SECONDS_MAX} THEN m.date * 1000 ELSE m.date / 1000000 END)`;

/** Selects messages with their handles and their chat. `columnsOf` returns the existing columns of a table. */
export function rowQuery(columnsOf: (table: string) => ReadonlySet<string>): string {
  const present = columnsOf('message');
  const otherHandle = present.has('other_handle') ? 'm.other_handle' : 'NULL';
  // After a merge of chats a row may be in several; it must be read once.
  return `SELECT m.ROWID AS rowId, ${selected(COLUMNS, present, 'm')}, h.id AS handle, o.id AS otherHandle,
      c.ROWID AS chatId, c.guid AS chat, c.chat_identifier, c.style,
      ${selected(['display_name'], columnsOf('chat'), 'c')}
    FROM message m LEFT JOIN handle h ON h.ROWID = m.handle_id
      LEFT JOIN handle o ON o.ROWID = ${otherHandle}
      LEFT JOIN chat c ON c.ROWID = (SELECT MAX(chat_id) FROM chat_message_join WHERE message_id = m.ROWID)`;
}

/** Selects the edited, retracted and read rows in a range of row ids. `state` differs after each change. */
export function changedQuery(present: ReadonlySet<string>): string {
  const column = (name: string) => (present.has(name) ? `COALESCE(m.${name}, 0)` : '0');
  const summaryBytes = present.has('message_summary_info')
    ? 'COALESCE(length(m.message_summary_info), 0)'
    : '0';
  const edited = [column('date_edited'), column('date_retracted'), summaryBytes];
  const isEdited = `(${edited[0]} > 0 OR ${edited[1]} > 0 OR (${column('is_empty')} = 1 AND ${edited[2]} > 0))`;
  const isRead = `(m.is_from_me = 0 AND ${column('item_type')} = 0
    AND (${column('date_read')} > 0 OR ${column('is_read')} = 1))`;
  return `SELECT m.ROWID AS rowId, m.guid, ${isEdited} AS isEdited, ${isRead} AS isRead,
      ${edited.join(" || '/' || ")} || '/' || ${isRead} AS state
    FROM message m WHERE m.ROWID > ? AND m.ROWID <= ? AND (${isEdited} OR ${isRead}) ORDER BY m.ROWID`;
}
