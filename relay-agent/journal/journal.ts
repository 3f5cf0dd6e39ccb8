/**
 * What the agent must know after a crash, in a SQLite file of its own: each step of a message is on the disk
 * before the agent goes on to what can't be undone. A message has one part or several (its files, then its text),
 * each a message of its own to Messages; each part goes
 *
 *   taken → sending → handed → matched
 *
 * `sending` is written before Messages hears of it, so a part found there may have been sent; `matched` names
 * its row in chat.db. Reports and texts that came in are kept until the broker acknowledged them.
 */
import Database from 'better-sqlite3';
import type { DeliverItem, ReportItem, ReportState } from '../../shared/protocol.ts';
import type { Sending } from '../senders/sender.ts';
import { SCHEMAS } from './journal-schema.ts';

export type Step = 'taken' | 'sending' | 'handed' | 'matched';

export interface JournalPart {
  step: Step;
  service: Sending['service'];
  /** The newest row of chat.db before it was sent: its own is newer. */
  baseline: number;
  /** When it was begun, epoch ms; 0 before. */
  begunAt: number;
  guid: string | undefined;
}

export interface JournalEntry {
  item: DeliverItem;
  isSettled: boolean;
  parts: JournalPart[];
}

interface EntryRow {
  message: string;
  item: string;
  settled_at: number | null;
}

interface PartRow {
  step: Step;
  service: Sending['service'];
  baseline: number;
  begun_at: number;
  guid: string | null;
}

type Value = string | number;
type Mark = 'watermark' | 'clock_offset' | 'paired_at' | 'looked_at';

export class JournalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JournalError';
  }
}

export class Journal {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement<Value[]>>();

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
    return row && this.#entryFrom(row);
  }

  /** Everything that is not settled, in the order in which it was taken. */
  open(): JournalEntry[] {
    const rows = this.#rows<EntryRow>('SELECT * FROM outgoing WHERE settled_at IS NULL ORDER BY position');
    return rows.map((row) => this.#entryFrom(row));
  }

  /** Writes a new message down and what its parts go by, or the new lease of a known one and of its reports. */
  take(item: DeliverItem, services: ReadonlyArray<Sending['service']>): void {
    this.#database.transaction(() => {
      this.#run(
        `INSERT INTO outgoing (message, item) VALUES (?, ?)
         ON CONFLICT (message) DO UPDATE SET item = excluded.item`,
        item.message,
        JSON.stringify(item),
      );
      for (const [part, service] of services.entries()) {
        this.#run(
          'INSERT OR IGNORE INTO parts (message, part, service) VALUES (?, ?, ?)',
          item.message,
          part,
          service,
        );
      }
      this.#run(
        "UPDATE reports SET report = json_set(report, '$.lease', ?) WHERE message = ?",
        item.lease,
        item.message,
      );
    })();
  }

  begin(message: string, part: number, baseline: number, at: number): void {
    this.#run(
      "UPDATE parts SET step = 'sending', baseline = ?, begun_at = ? WHERE message = ? AND part = ?",
      baseline,
      at,
      message,
      part,
    );
  }

  handed(message: string, part: number): void {
    this.#run(
      "UPDATE parts SET step = 'handed' WHERE message = ? AND part = ? AND step = 'sending'",
      message,
      part,
    );
  }

  matched(message: string, part: number, guid: string): void {
    this.#run(
      "UPDATE parts SET step = 'matched', guid = ? WHERE message = ? AND part = ?",
      guid,
      message,
      part,
    );
  }

  /** Its row says that it failed for good: it may be sent again by another service. */
  retry(message: string, part: number, service: Sending['service'], now: number): void {
    this.#database.transaction(() => {
      this.#run(
        'INSERT OR IGNORE INTO told (guid, at) SELECT guid, ? FROM parts WHERE message = ? AND part = ?',
        now,
        message,
        part,
      );
      this.#run(
        "UPDATE parts SET step = 'taken', service = ?, guid = NULL WHERE message = ? AND part = ?",
        service,
        message,
        part,
      );
    })();
  }

  settle(message: string, now: number): void {
    this.#run('UPDATE outgoing SET settled_at = ? WHERE message = ?', now, message);
  }

  /** The row of chat.db is one that the agent sent. */
  hasMatched(guid: string): boolean {
    return this.#row('SELECT 1 FROM parts WHERE guid = ?', guid) !== undefined;
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
  isInboundAcknowledged(guid: string): boolean {
    return this.#row('SELECT 1 FROM told WHERE guid = ?', guid) !== undefined;
  }

  /** The broker acknowledged these, so that reading may begin after the row `watermark` from now on. */
  told(guids: readonly string[], watermark: number, now: number): void {
    this.#database.transaction(() => {
      for (const guid of guids) this.#run('INSERT OR IGNORE INTO told (guid, at) VALUES (?, ?)', guid, now);
      this.setMark('watermark', watermark);
    })();
  }

  /**
   * `watermark`: the row up to which chat.db was read and told; `clock_offset`: how far the broker's clock was
   * ahead of this one, ms; by the broker's clock, epoch ms: `paired_at`, when the agent first started, and
   * `looked_at`, when it last looked.
   */
  mark(name: Mark): number | undefined {
    return this.#row<{ value: number }>('SELECT value FROM marks WHERE name = ?', name)?.value;
  }

  setMark(name: Mark, value: number): void {
    this.#run(
      'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      value,
    );
  }

  /** Forgets what was over before this time (epoch ms). Gives how many entries it was. */
  trim(before: number): number {
    return this.#database.transaction(() => {
      const old = 'SELECT message FROM outgoing WHERE settled_at < ?';
      const isOver = `message IN (${old}) AND NOT EXISTS
        (SELECT 1 FROM reports r WHERE r.message = outgoing.message AND r.is_acknowledged = 0)`;
      const messages = this.#rows<{ message: string }>(
        `SELECT message FROM outgoing WHERE ${isOver}`,
        before,
      );
      for (const { message } of messages) {
        for (const table of ['reports', 'parts', 'outgoing']) {
          this.#run(`DELETE FROM ${table} WHERE message = ?`, message);
        }
      }
      return messages.length + this.#run('DELETE FROM told WHERE at < ?', before);
    })();
  }

  close(): void {
    this.#database.close();
  }

  #migrate(file: string): void {
    const version = this.#database.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMAS.length) {
      throw new JournalError(`${file} was written by a newer Homing. Update Homing on this Mac.`);
    }
    if (version === SCHEMAS.length) return;
    this.#database.transaction(() => {
      for (const schema of SCHEMAS.slice(version)) this.#database.exec(schema);
      this.#database.pragma(`user_version = ${SCHEMAS.length}`);
    })();
  }

  #entryFrom({ message, item, settled_at }: EntryRow): JournalEntry {
    const parts = this.#rows<PartRow>('SELECT * FROM parts WHERE message = ? ORDER BY part', message);
    return {
      item: JSON.parse(item),
      isSettled: settled_at !== null,
      parts: parts.map(({ step, service, baseline, begun_at, guid }) => ({
        step,
        service,
        baseline,
        begunAt: begun_at,
        guid: guid ?? undefined,
      })),
    };
  }

  #reports(sql: string, ...params: Value[]): ReportItem[] {
    return this.#rows<{ report: string }>(sql, ...params).map(({ report }) => JSON.parse(report));
  }

  #run(sql: string, ...params: Value[]): number {
    return this.#statement(sql).run(...params).changes;
  }

  #row<Row>(sql: string, ...params: Value[]): Row | undefined {
    return this.#statement(sql).get(...params) as Row | undefined;
  }

  #rows<Row>(sql: string, ...params: Value[]): Row[] {
    return this.#statement(sql).all(...params) as Row[];
  }

  #statement(sql: string): Database.Statement<Value[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare<Value[]>(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
