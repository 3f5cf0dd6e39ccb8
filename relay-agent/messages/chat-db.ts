/**
 * chat.db of Messages, read only. Its columns come and go between versions of macOS, so what a version lacks
 * is read as null. Times are epoch milliseconds.
 */
import Database from 'better-sqlite3';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { bodyText } from './message-body.ts';

export interface ChatRow {
  rowId: number;
  guid: string;
  text: string;
  /** The other side: of a direct chat, else who wrote. Undefined where the row belongs to nobody. */
  handle: string | undefined;
  /** The chat's guid; undefined for a row that is in no chat. */
  chat: string | undefined;
  isGroup: boolean;
  service: string;
  isFromMe: boolean;
  isSent: boolean;
  /** 0: fine. */
  error: number;
  sentAt: number | undefined;
  deliveredAt: number | undefined;
  readAt: number | undefined;
  /** Which of the owner's numbers it came to. */
  destination: string | undefined;
  replyTo: string | undefined;
  /** A reaction to another message, or an event of a group: not a text of its own. */
  isEvent: boolean;
}

interface RawRow {
  rowId: number;
  guid: string;
  text: string | null;
  attributedBody: Buffer | null;
  service: string | null;
  is_from_me: number;
  is_sent: number | null;
  is_delivered: number | null;
  is_read: number | null;
  error: number | null;
  date: number | null;
  date_delivered: number | null;
  date_read: number | null;
  destination_caller_id: string | null;
  thread_originator_guid: string | null;
  associated_message_type: number | null;
  item_type: number | null;
  handle: string | null;
  chat: string | null;
  chat_identifier: string | null;
  style: number | null;
}

const COLUMNS = [
  'guid',
  'text',
  'attributedBody',
  'service',
  'is_from_me',
  'is_sent',
  'is_delivered',
  'is_read',
  'error',
  'date',
  'date_delivered',
  'date_read',
  'destination_caller_id',
  'thread_originator_guid',
  'associated_message_type',
  'item_type',
];
const GROUP_STYLE = 43;
const EPOCH_2001_MS = 978_307_200_000;
/** Rows of very old versions count seconds; as nanoseconds they would all lie in the first day of 2001. */
const SECONDS_MAX = 1e12;

export class ChatDatabaseError extends Error {
  constructor(file: string, cause: Error) {
    super(
      `${file} can't be read: ${cause.message}. Messages must have been opened once on this Mac, and the program ` +
        'that runs the relay needs Full Disk Access (System Settings, Privacy & Security, Full Disk Access).',
      { cause },
    );
    this.name = 'ChatDatabaseError';
  }
}

export class ChatDatabase {
  readonly #database: Database.Database;
  readonly #after: Database.Statement<[number, number], RawRow>;
  readonly #byGuid: Database.Statement<[string], RawRow>;
  readonly #lastRowId: Database.Statement<[], number>;

  /** @throws ChatDatabaseError */
  constructor(file: string) {
    try {
      this.#database = new Database(file, { readonly: true, fileMustExist: true });
      const present = new Set(
        (this.#database.pragma('table_info(message)') as Array<{ name: string }>).map(({ name }) => name),
      );
      const columns = COLUMNS.map((name) => (present.has(name) ? `m.${name}` : `NULL AS ${name}`)).join(', ');
      // A row may be in several chats (a chat that was merged): it is one message all the same.
      const select = `SELECT m.ROWID AS rowId, ${columns}, h.id AS handle,
          c.guid AS chat, c.chat_identifier, c.style
        FROM message m LEFT JOIN handle h ON h.ROWID = m.handle_id
          LEFT JOIN chat c ON c.ROWID = (SELECT MAX(chat_id) FROM chat_message_join WHERE message_id = m.ROWID)`;
      this.#after = this.#database.prepare(`${select} WHERE m.ROWID > ? ORDER BY m.ROWID LIMIT ?`);
      this.#byGuid = this.#database.prepare(`${select} WHERE m.guid = ?`);
      this.#lastRowId = this.#database
        .prepare<[], number>('SELECT COALESCE(MAX(ROWID), 0) FROM message')
        .pluck();
    } catch (error) {
      throw new ChatDatabaseError(file, error as Error);
    }
  }

  lastRowId(): number {
    return this.#lastRowId.get()!;
  }

  /** Rows newer than this one, oldest first. */
  after(rowId: number, limit: number): ChatRow[] {
    return this.#after.all(rowId, limit).map(rowFrom);
  }

  find(guid: string): ChatRow | undefined {
    const row = this.#byGuid.get(guid);
    return row && rowFrom(row);
  }

  /** Moves whenever somebody else has written. */
  version(): number {
    return this.#database.pragma('data_version', { simple: true }) as number;
  }

  close(): void {
    this.#database.close();
  }
}

function rowFrom(row: RawRow): ChatRow {
  const isGroup = row.style === GROUP_STYLE;
  const handle = isGroup ? row.handle : (row.chat_identifier ?? row.handle);
  const deliveredAt = timeFrom(row.date_delivered);
  const sentAt = timeFrom(row.date);
  return {
    rowId: row.rowId,
    guid: row.guid,
    text: bodyText(row.text, row.attributedBody),
    handle: handle === null ? undefined : normalizeHandle(handle),
    chat: row.chat ?? undefined,
    isGroup,
    service: row.service ?? 'iMessage',
    isFromMe: row.is_from_me === 1,
    isSent: row.is_sent === 1 || deliveredAt !== undefined,
    error: row.error ?? 0,
    sentAt,
    deliveredAt: deliveredAt ?? (row.is_delivered === 1 ? sentAt : undefined),
    readAt: timeFrom(row.date_read),
    destination: row.destination_caller_id ?? undefined,
    replyTo: row.thread_originator_guid ?? undefined,
    isEvent: (row.associated_message_type ?? 0) !== 0 || (row.item_type ?? 0) !== 0,
  };
}

function timeFrom(value: number | null): number | undefined {
  if (value === null || value === 0) return undefined;
  return Math.round(EPOCH_2001_MS + (value < SECONDS_MAX ? value * 1000 : value / 1e6));
}
