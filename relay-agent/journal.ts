/**
 * What the agent must know after a crash, in a SQLite file of its own: each step of a message is on the disk
 * before the agent goes on to what can't be undone. A message goes
 *
 *   taken → sending → handed → matched → settled
 *
 * `sending` is written before Messages hears of it, so a message found there may have been sent; `matched`
 * names its row in chat.db. Reports and texts that came in are kept until the broker acknowledged them.
 */
import Database from 'better-sqlite3';
import type { DeliverItem, ReportItem, ReportState } from '../shared/protocol.ts';

export type Step = 'taken' | 'sending' | 'handed' | 'matched' | 'settled';

export interface JournalEntry {
  item: DeliverItem;
  step: Step;
  /** The newest row of chat.db before it was sent: its own is newer. */
  baseline: number;
  /** When it was begun, epoch ms; 0 before. */
  begunAt: number;
  guid: string | undefined;
}

interface EntryRow {
  item: string;
  step: Step;
  baseline: number;
  begun_at: number;
  guid: string | null;
}

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE outgoing (
    position INTEGER PRIMARY KEY,
    message TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL,
    step TEXT NOT NULL,
    baseline INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER NOT NULL DEFAULT 0,
    guid TEXT UNIQUE
  );
  CREATE INDEX outgoing_open ON outgoing (position) WHERE step <> 'settled';
  CREATE TABLE reports (
    position INTEGER PRIMARY KEY,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    is_acknowledged INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message, state)
  );
  CREATE INDEX reports_open ON reports (position) WHERE is_acknowledged = 0;
  CREATE TABLE told (guid TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`;

export class JournalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JournalError';
  }
}

export class Journal {
  readonly #database: Database.Database;

  /** @throws JournalError where another agent uses the file, or a newer version wrote it. */
  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.pragma('locking_mode = EXCLUSIVE');
    this.#database.pragma('busy_timeout = 1000');
    try {
      this.#database.pragma('journal_mode = WAL');
      this.#database.pragma('synchronous = FULL');
      this.#migrate(file);
    } catch (error) {
      this.#database.close();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
        throw new JournalError(`Another relay agent is running with ${file}. Stop it first.`);
      }
      throw error;
    }
  }

  find(message: string): JournalEntry | undefined {
    const row = this.#row<EntryRow>('SELECT * FROM outgoing WHERE message = ?', message);
    return row && entryFrom(row);
  }

  /** Everything that is not settled, in the order in which it was taken. */
  open(): JournalEntry[] {
    return this.#rows<EntryRow>("SELECT * FROM outgoing WHERE step <> 'settled' ORDER BY position").map(
      entryFrom,
    );
  }

  /** Writes a new message down, or the new lease of a known one and of its reports. */
  take(item: DeliverItem): void {
    this.#database.transaction(() => {
      this.#run(
        `INSERT INTO outgoing (message, item, step) VALUES (?, ?, 'taken')
         ON CONFLICT (message) DO UPDATE SET item = excluded.item`,
        item.message,
        JSON.stringify(item),
      );
      this.#run(
        "UPDATE reports SET report = json_set(report, '$.lease', ?) WHERE message = ?",
        item.lease,
        item.message,
      );
    })();
  }

  begin(message: string, baseline: number, at: number): void {
    this.#run(
      "UPDATE outgoing SET step = 'sending', baseline = ?, begun_at = ? WHERE message = ?",
      baseline,
      at,
      message,
    );
  }

  handed(message: string): void {
    this.#run("UPDATE outgoing SET step = 'handed' WHERE message = ? AND step = 'sending'", message);
  }

  matched(message: string, guid: string): void {
    this.#run("UPDATE outgoing SET step = 'matched', guid = ? WHERE message = ?", guid, message);
  }

  settle(message: string): void {
    this.#run("UPDATE outgoing SET step = 'settled' WHERE message = ?", message);
  }

  /** The row of chat.db is one that the agent sent. */
  hasMatched(guid: string): boolean {
    return this.#row('SELECT 1 FROM outgoing WHERE guid = ?', guid) !== undefined;
  }

  /** False: it was reported before. */
  report(report: ReportItem): boolean {
    return (
      this.#run(
        'INSERT OR IGNORE INTO reports (message, state, report) VALUES (?, ?, ?)',
        report.message,
        report.state,
        JSON.stringify(report),
      ) > 0
    );
  }

  reportsOf(message: string): ReportItem[] {
    return this.#reports('SELECT report FROM reports WHERE message = ? ORDER BY position', message);
  }

  unacknowledged(): ReportItem[] {
    return this.#reports('SELECT report FROM reports WHERE is_acknowledged = 0 ORDER BY position');
  }

  acknowledged(items: ReadonlyArray<{ message: string; state: ReportState }>): void {
    this.#database.transaction(() => {
      for (const { message, state } of items) {
        this.#run('UPDATE reports SET is_acknowledged = 1 WHERE message = ? AND state = ?', message, state);
      }
    })();
  }

  /** The broker has this text. */
  wasTold(guid: string): boolean {
    return this.#row('SELECT 1 FROM told WHERE guid = ?', guid) !== undefined;
  }

  /** The broker acknowledged these texts, so that reading may begin after the row `watermark` from now on. */
  told(guids: readonly string[], watermark: number): void {
    this.#database.transaction(() => {
      for (const guid of guids) this.#run('INSERT OR IGNORE INTO told (guid) VALUES (?)', guid);
      this.setWatermark(watermark);
    })();
  }

  get watermark(): number | undefined {
    return this.#row<{ value: number }>("SELECT value FROM marks WHERE name = 'watermark'")?.value;
  }

  setWatermark(rowId: number): void {
    this.#run(
      "INSERT INTO marks (name, value) VALUES ('watermark', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      rowId,
    );
  }

  close(): void {
    this.#database.close();
  }

  #migrate(file: string): void {
    const version = this.#database.pragma('user_version', { simple: true }) as number;
    if (version > VERSION) {
      throw new JournalError(`${file} was written by a newer Homing. Update Homing on this Mac.`);
    }
    if (version === VERSION) return;
    this.#database.transaction(() => {
      this.#database.exec(SCHEMA);
      this.#database.pragma(`user_version = ${VERSION}`);
    })();
  }

  #reports(sql: string, ...params: string[]): ReportItem[] {
    return this.#rows<{ report: string }>(sql, ...params).map(({ report }) => JSON.parse(report));
  }

  #run(sql: string, ...params: Array<string | number>): number {
    return this.#database.prepare(sql).run(...params).changes;
  }

  #row<Row>(sql: string, ...params: string[]): Row | undefined {
    return this.#database.prepare<string[], Row>(sql).get(...params);
  }

  #rows<Row>(sql: string, ...params: string[]): Row[] {
    return this.#database.prepare<string[], Row>(sql).all(...params);
  }
}

function entryFrom({ item, step, baseline, begun_at, guid }: EntryRow): JournalEntry {
  return { item: JSON.parse(item), step, baseline, begunAt: begun_at, guid: guid ?? undefined };
}
