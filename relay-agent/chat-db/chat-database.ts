/**
 * Reads chat.db, the database of Messages. The columns differ between versions of macOS; a missing column is read
 * as null. Times are epoch milliseconds.
 */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { appMessageText } from './app-message.ts';
import { ChatAttachments } from './chat-attachments.ts';
import { changedQuery, MS_SINCE_2001, rowQuery } from './chat-queries.ts';
import { type ChatRow, damagedRowFrom, isGroupRow, type RawRow, rowFrom } from './chat-row.ts';
import { EPOCH_2001_MS } from './chat-time.ts';
import { Chats } from './chats.ts';
import { EDIT_COLUMNS, type EditColumns, type EditHistory, editHistoryOf } from './edit-history.ts';
import { selected } from './selected-columns.ts';
import { type HandleService, ServiceHistory } from './service-history.ts';

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

/** Maximum number of participants of an inbound item. */
const MEMBERS_MAX = 200;
const ATTACHMENT_MARK = '\uFFFC';
/** Number of earlier rows of a chat that may belong to a row. */
const PRECEDING_MAX = 5;

export interface ChangedRow {
  rowId: number;
  guid: string;
  /** The message was edited or retracted. */
  isEdited: boolean;
  /** A received message was read. */
  isRead: boolean;
  /** Differs after each change. */
  state: string;
}

type RawChange = Omit<ChangedRow, 'isEdited' | 'isRead'> & { isEdited: number; isRead: number };

export class ChatDatabase {
  readonly chats: Chats;
  readonly #database: Database.Database;
  readonly #services: ServiceHistory;
  readonly #after: Database.Statement<[number, number], RawRow>;
  readonly #byGuid: Database.Statement<[string], RawRow>;
  readonly #changed: Database.Statement<[number, number], RawChange>;
  readonly #history: Database.Statement<[string], EditColumns>;
  readonly #preceding: Database.Statement<[string, number], RawRow>;
  readonly #payload: Database.Statement<[number], Buffer | null> | undefined;
  readonly #attachments: ChatAttachments;
  readonly #members: Database.Statement<[number, number], string> | undefined;
  readonly #lastRowId: Database.Statement<[], number>;
  /** Undefined: the database does not count the row ids. */
  readonly #highestRowId: Database.Statement<[], number> | undefined;
  readonly #file: string;
  /** Identifies the open file; a file that replaces it has another one. */
  readonly #fileId: string | undefined;
  readonly #since: Database.Statement<[number, number, number, number], RawRow>;
  readonly #countSince: Database.Statement<[number, number, number], number>;

  /** @throws ChatDatabaseError */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#database = new Database(file, { readonly: true, fileMustExist: true });
      this.#fileId = fileIdOf(file);
      this.chats = new Chats(this.#database);
      const present = this.#columnsOf('message');
      this.#services = new ServiceHistory(this.#database, present);
      this.#attachments = new ChatAttachments(this.#database, this.#columnsOf('attachment'));
      const select = rowQuery((table) => this.#columnsOf(table));
      this.#after = this.#database.prepare(`${select} WHERE m.ROWID > ? ORDER BY m.ROWID LIMIT ?`);
      this.#byGuid = this.#database.prepare(`${select} WHERE m.guid = ?`);
      const isSince = `m.ROWID > ? AND m.ROWID <= ? AND ${MS_SINCE_2001} >= ?`;
      this.#since = this.#database.prepare(`${select} WHERE ${isSince} ORDER BY m.ROWID LIMIT ?`);
      this.#countSince = this.#database
        .prepare<[number, number, number], number>(`SELECT COUNT(*) FROM message m WHERE ${isSince}`)
        .pluck();
      this.#changed = this.#database.prepare(changedQuery(present));
      this.#history = this.#database.prepare(
        `SELECT ${selected(EDIT_COLUMNS, present, 'm')} FROM message m WHERE m.guid = ?`,
      );
      this.#preceding = this.#database.prepare(
        `${select} WHERE m.ROWID IN (
           SELECT j.message_id FROM chat_message_join j JOIN chat k ON k.ROWID = j.chat_id
           WHERE k.guid = ? AND j.message_id < ? ORDER BY j.message_id DESC LIMIT ${PRECEDING_MAX})
         ORDER BY m.ROWID DESC`,
      );
      if (present.has('payload_data')) {
        this.#payload = this.#database
          .prepare<[number], Buffer | null>(
            `SELECT ${selected(['payload_data'], present, 'm')} FROM message m WHERE m.ROWID = ?`,
          )
          .pluck();
      }
      if (this.#columnsOf('chat_handle_join').has('handle_id')) {
        this.#members = this.#database
          .prepare<[number, number], string>(
            `SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id
             WHERE j.chat_id = ? ORDER BY h.ROWID LIMIT ?`,
          )
          .pluck();
      }
      this.#lastRowId = this.#database
        .prepare<[], number>('SELECT COALESCE(MAX(ROWID), 0) FROM message')
        .pluck();
      if (this.#columnsOf('sqlite_sequence').has('seq')) {
        this.#highestRowId = this.#database
          .prepare<[], number>("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'message'")
          .pluck();
      }
    } catch (error) {
      throw new ChatDatabaseError(file, error as Error);
    }
  }

  lastRowId(): number {
    return this.#lastRowId.get() ?? 0;
  }

  /**
   * Returns the highest row id so far, also that of a deleted row: Messages uses no row id twice. Undefined if the database
   * does not count the row ids.
   */
  highestRowId(): number | undefined {
    return this.#highestRowId?.get();
  }

  /** Returns whether another file has replaced the open one. SQLite would read the old file forever. */
  isReplaced(): boolean {
    const current = fileIdOf(this.#file);
    return current !== undefined && current !== this.#fileId;
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

  /** Returns the rows before the given one in its chat, newest first. */
  precedingInChat({ chat, rowId }: Pick<ChatRow, 'chat' | 'rowId'>): ChatRow[] {
    return chat === undefined ? [] : this.#preceding.all(chat, rowId).map((row) => this.#rowFrom(row));
  }

  /** Returns the edited, retracted and read rows in the range (`after`, `until`]. */
  changedIn(after: number, until: number): ChangedRow[] {
    return this.#changed
      .all(after, until)
      .map((row) => ({ ...row, isEdited: row.isEdited === 1, isRead: row.isRead === 1 }));
  }

  /** Returns the versions of a row; undefined if there is no such row. */
  historyOf(guid: string): EditHistory | undefined {
    const row = this.#history.get(guid);
    return row && editHistoryOf(row);
  }

  /** Returns the service of the newest message to or from the handle. */
  serviceOf(handle: string): HandleService {
    return this.#services.serviceOf(handle);
  }

  /** Returns a number that changes with each write of another process. */
  version(): number {
    return this.#database.pragma('data_version', { simple: true }) as number;
  }

  close(): void {
    this.#database.close();
  }

  #rowFrom(row: RawRow): ChatRow {
    try {
      const marks = attachmentMarks(row);
      const mayHaveAttachments = row.cache_has_attachments === 1 || marks > 0;
      const attachments = mayHaveAttachments ? this.#attachments.of(row.rowId) : [];
      return rowFrom(row, {
        attachments,
        hasAllAttachments: attachments.length >= marks,
        members: isGroupRow(row) && row.chatId !== null ? this.#membersOf(row.chatId) : undefined,
        appText: () => this.#appTextOf(row.rowId),
      });
    } catch (error) {
      // One damaged row must not stop the reading of the others.
      return damagedRowFrom(row, (error as Error).message);
    }
  }

  #appTextOf(rowId: number): string | undefined {
    const payload = this.#payload?.get(rowId);
    return payload instanceof Buffer ? appMessageText(payload) : undefined;
  }

  /** Returns undefined for a group with more members than a report may contain. */
  #membersOf(chatId: number): string[] | undefined {
    const members = this.#members?.all(chatId, MEMBERS_MAX + 1) ?? [];
    return members.length === 0 || members.length > MEMBERS_MAX ? undefined : members;
  }

  #columnsOf(table: string): Set<string> {
    const columns = this.#database.pragma(`table_info(${table})`) as Array<{ name: string }>;
    return new Set(columns.map(({ name }) => name));
  }
}

/** Counts the placeholders of attachments in the text. */
function attachmentMarks({ text, attributedBody }: RawRow): number {
  const body = text || attributedBody || '';
  let count = 0;
  for (let at = body.indexOf(ATTACHMENT_MARK); at >= 0; at = body.indexOf(ATTACHMENT_MARK, at + 1))
    count += 1;
  return count;
}

/** Returns undefined for a missing file. */
function fileIdOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev}/${found.ino}`;
}
