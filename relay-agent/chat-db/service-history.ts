/** Finds the service that reached a handle last, by the newest messages with it. */
import type Database from 'better-sqlite3';
import { normalizeHandle } from '../../shared/phone-numbers.ts';

export type HandleService = 'imessage' | 'sms' | 'unknown';

interface ServiceRow {
  service: string | null;
  date: number;
  isDowngraded: number;
  isFromMe: number;
  isSent: number;
  error: number;
}

/** A handle has one row for each service. */
const HANDLES_MAX = 10;
/** Number of newest messages of each handle that are read; failed ones do not count. */
const ROWS_MAX = 20;

export class ServiceHistory {
  readonly #handles: Database.Statement<[string, string], number>;
  readonly #rows: Database.Statement<[number], ServiceRow>;

  /** `columns`: the existing columns of the table `message`. */
  constructor(database: Database.Database, columns: ReadonlySet<string>) {
    const column = (name: string) => (columns.has(name) ? `COALESCE(m.${name}, 0)` : '0');
    this.#handles = database
      .prepare<[string, string], number>(`SELECT ROWID FROM handle WHERE id IN (?, ?) LIMIT ${HANDLES_MAX}`)
      .pluck();
    // The index of chat.db on `handle_id` and `date` finds the newest rows of one handle.
    this.#rows = database.prepare(
      `SELECT m.service, m.date, ${column('was_downgraded')} AS isDowngraded, m.is_from_me AS isFromMe,
         (${column('is_sent')} = 1 OR ${column('date_delivered')} > 0) AS isSent, ${column('error')} AS error
       FROM message m WHERE m.handle_id = ? ORDER BY m.date DESC LIMIT ${ROWS_MAX}`,
    );
  }

  serviceOf(handle: string): HandleService {
    const handles = this.#handles.all(handle, normalizeHandle(handle));
    const rows = handles.flatMap((rowId) => this.#rows.all(rowId)).filter(hasArrived);
    const newest = rows.toSorted((a, b) => b.date - a.date)[0];
    if (newest === undefined) return 'unknown';
    return newest.isDowngraded !== 1 && newest.service?.startsWith('iMessage') ? 'imessage' : 'sms';
  }
}

function hasArrived({ isFromMe, isSent, error }: ServiceRow): boolean {
  return error === 0 && (isFromMe !== 1 || isSent === 1);
}
