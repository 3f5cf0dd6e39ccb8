/**
 * Reads chat.db, the database of Messages. The columns differ between versions of macOS; a missing column is read
 * as null. Times are epoch milliseconds.
 */
import Database from 'better-sqlite3';
import {
  type ChatAttachment,
  type ChatRow,
  COLUMNS,
  EPOCH_2001_MS,
  type RawRow,
  rowFrom,
  SECONDS_MAX,
} from './chat-row.ts';

export class ChatDatabaseError extends Error {
  constructor(file: string, cause: Error) {
    super(
      `Cannot read ${file}: ${cause.message}. Open Messages once on this Mac, and grant Full Disk Access to the ` +
        'program that runs the relay (System Settings, Privacy & Security, Full Disk Access).',
      { cause },
    );
    this.name = 'ChatDatabaseError';
  }
}

interface AttachmentRow {
  guid: string;
  filename: string | null;
  mime_type: string | null;
  transfer_name: string | null;
  total_bytes: number | null;
  transfer_state: number | null;
  hide_attachment: number | null;
}

const ATTACHMENT_COLUMNS = [
  'guid',
  'filename',
  'mime_type',
  'transfer_name',
  'total_bytes',
  'transfer_state',
  'hide_attachment',
];
const TRANSFER_COMPLETE = 5;
/** The column has nanoseconds, or seconds in rows of old versions. */
const MS_SINCE_2001 = `(CASE WHEN m.date < ${SECONDS_MAX} THEN m.date * 1000 ELSE m.date / 1000000 END)`;

export class ChatDatabase {
  readonly #database: Database.Database;
  readonly #after: Database.Statement<[number, number], RawRow>;
  readonly #byGuid: Database.Statement<[string], RawRow>;
  readonly #changed: Database.Statement<[number], string> | undefined;
  readonly #attachments: Database.Statement<[number], AttachmentRow> | undefined;
  readonly #lastRowId: Database.Statement<[], number>;
  readonly #since: Database.Statement<[number, number, number, number], RawRow>;
  readonly #countSince: Database.Statement<[number, number, number], number>;

  /** @throws ChatDatabaseError */
  constructor(file: string) {
    try {
      this.#database = new Database(file, { readonly: true, fileMustExist: true });
      const present = this.#columnsOf('message');
      const columns = selected(COLUMNS, present, 'm');
      const groupName = selected(['display_name'], this.#columnsOf('chat'), 'c');
      // After a merge of chats a row may be in several; it must be read once.
      const select = `SELECT m.ROWID AS rowId, ${columns}, h.id AS handle,
          c.guid AS chat, c.chat_identifier, c.style, ${groupName}
        FROM message m LEFT JOIN handle h ON h.ROWID = m.handle_id
          LEFT JOIN chat c ON c.ROWID = (SELECT MAX(chat_id) FROM chat_message_join WHERE message_id = m.ROWID)`;
      this.#after = this.#database.prepare(`${select} WHERE m.ROWID > ? ORDER BY m.ROWID LIMIT ?`);
      this.#byGuid = this.#database.prepare(`${select} WHERE m.guid = ?`);
      const isSince = `m.ROWID > ? AND m.ROWID <= ? AND ${MS_SINCE_2001} >= ?`;
      this.#since = this.#database.prepare(`${select} WHERE ${isSince} ORDER BY m.ROWID LIMIT ?`);
      this.#countSince = this.#database
        .prepare<[number, number, number], number>(`SELECT COUNT(*) FROM message m WHERE ${isSince}`)
        .pluck();
      const changes = ['date_edited', 'date_retracted'].filter((name) => present.has(name));
      if (changes.length > 0) {
        const isChanged = changes.map((name) => `${name} > 0`).join(' OR ');
        this.#changed = this.#database
          .prepare<[number], string>(
            `SELECT guid FROM message WHERE ROWID > ? AND (${isChanged}) ORDER BY ROWID`,
          )
          .pluck();
      }
      const attachment = this.#columnsOf('attachment');
      if (attachment.has('filename')) {
        this.#attachments = this.#database.prepare(`SELECT ${selected(ATTACHMENT_COLUMNS, attachment, 'a')}
          FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id
          WHERE j.message_id = ? ORDER BY a.ROWID`);
      }
      this.#lastRowId = this.#database
        .prepare<[], number>('SELECT COALESCE(MAX(ROWID), 0) FROM message')
        .pluck();
    } catch (error) {
      throw new ChatDatabaseError(file, error as Error);
    }
  }

  lastRowId(): number {
    return this.#lastRowId.get() ?? 0;
  }

  /** Returns rows newer than the given one, oldest first. */
  after(rowId: number, limit: number): ChatRow[] {
    return this.#after.all(rowId, limit).map((row) => this.#rowFrom(row));
  }

  /** Returns rows in the range (`after`, `until`] with a date from `sinceMs` (epoch ms), oldest first. */
  since(sinceMs: number, after: number, until: number, limit: number): ChatRow[] {
    return this.#since.all(after, until, sinceMs - EPOCH_2001_MS, limit).map((row) => this.#rowFrom(row));
  }

  countSince(sinceMs: number, after: number, until: number): number {
    return this.#countSince.get(after, until, sinceMs - EPOCH_2001_MS) ?? 0;
  }

  find(guid: string): ChatRow | undefined {
    const row = this.#byGuid.get(guid);
    return row && this.#rowFrom(row);
  }

  /** Returns the guids of edited and retracted rows newer than the given one. */
  changedAfter(rowId: number): string[] {
    return this.#changed?.all(rowId) ?? [];
  }

  /** Returns a number that changes with each write of another process. */
  version(): number {
    return this.#database.pragma('data_version', { simple: true }) as number;
  }

  close(): void {
    this.#database.close();
  }

  #rowFrom(row: RawRow): ChatRow {
    const mayHaveAttachments = row.cache_has_attachments === 1 || hasAttachmentMark(row);
    return rowFrom(row, mayHaveAttachments ? this.#attachmentsOf(row.rowId) : []);
  }

  /** Returns the visible attachments, without link previews and app data. */
  #attachmentsOf(rowId: number): ChatAttachment[] {
    const rows = this.#attachments?.all(rowId) ?? [];
    return rows
      .filter(
        ({ hide_attachment, filename }) =>
          hide_attachment !== 1 && !filename?.endsWith('.pluginPayloadAttachment'),
      )
      .map(({ guid, filename, mime_type, transfer_name, total_bytes, transfer_state }) => ({
        guid,
        path: filename ?? undefined,
        contentType: mime_type ?? undefined,
        name: transfer_name ?? filename?.split('/').at(-1),
        bytes: total_bytes ?? undefined,
        isComplete: transfer_state === null || transfer_state === TRANSFER_COMPLETE,
      }));
  }

  #columnsOf(table: string): Set<string> {
    const columns = this.#database.pragma(`table_info(${table})`) as Array<{ name: string }>;
    return new Set(columns.map(({ name }) => name));
  }
}

/** The text contains the placeholder of an attachment. */
function hasAttachmentMark({ text, attributedBody }: RawRow): boolean {
  return text?.includes('\uFFFC') === true || attributedBody?.includes('\uFFFC') === true;
}

function selected(names: readonly string[], present: ReadonlySet<string>, table: string): string {
  return names.map((name) => (present.has(name) ? `${table}.${name}` : `NULL AS ${name}`)).join(', ');
}
