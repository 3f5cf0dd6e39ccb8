/**
 * Stores the agent's state in SQLite, so that no message is lost or sent twice after a crash.
 *
 * A message has one or more parts (its files, then its text), an action has one. Each part goes through these steps:
 *
 *   taken → sending → handed → matched
 *
 * - Each step is on disk before the agent starts it. A part in `sending` may have been sent.
 * - `handed`: the sender has returned. `matched`: the row in chat.db is known.
 * - Reports are stored until the broker acknowledges them. The table `told` contains the guids of acknowledged inbound
 *   items; the mark `looked_at` is the last poll of chat.db. Both names are from an earlier version.
 */
import Database from 'better-sqlite3';
import {
  type OutboundItem,
  outboundId,
  type ReportItem,
  type ReportState,
  reportedId,
} from '../../shared/protocol.ts';
import type { Sending } from '../senders/sender.ts';
import { SCHEMAS } from './journal-schema.ts';

/** The part before its first attempt. */
export function newPart(service: Sending['service']): JournalPart {
  return {
    step: 'taken',
    service,
    baseline: 0,
    begunAt: 0,
    attempts: 0,
    attemptId: undefined,
    chat: undefined,
    guid: undefined,
  };
}

export type Step = 'taken' | 'sending' | 'handed' | 'matched';

export interface JournalPart {
  step: Step;
  service: Sending['service'];
  /** The newest row of chat.db before the send attempt; the part's own row is newer. */
  baseline: number;
  /** Time of the send attempt, epoch ms; 0 before. */
  begunAt: number;
  /** Number of send attempts. */
  attempts: number;
  /** Guid that the sender gives to the message, if it tracks the send. */
  attemptId: string | undefined;
  /** Guid of the group in the last attempt. */
  chat: string | undefined;
  /** Guid of the row of the message or reaction; for another action, the id of its report in chat.db. */
  guid: string | undefined;
}

export interface Attempt {
  baseline: number;
  /** Epoch ms. */
  begunAt: number;
  attemptId: string;
  chat: string | undefined;
}

export interface JournalEntry {
  item: OutboundItem;
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
  attempts: number;
  attempt_id: string | null;
  chat: string | null;
  guid: string | null;
}

type Value = string | number | null;
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

  /** @throws JournalError if another agent uses the file, or a newer version wrote it. */
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
        throw new JournalError(`Another relay agent uses ${file}. Stop that agent first.`);
      }
      throw error;
    }
  }

  /** Returns the entry of a message or an action. */
  find(id: string): JournalEntry | undefined {
    const row = this.#row<EntryRow>('SELECT * FROM outgoing WHERE message = ?', id);
    return row && this.#entryFrom(row);
  }

  /** Returns the entry that has a part with this guid. */
  findByGuid(guid: string): JournalEntry | undefined {
    const row = this.#row<EntryRow>(
      'SELECT o.* FROM parts p JOIN outgoing o ON o.message = p.message WHERE p.guid = ?',
      guid,
    );
    return row && this.#entryFrom(row);
  }

  /** Returns the entries that are not settled, in the order of their delivery. */
  unsettled(): JournalEntry[] {
    const rows = this.#rows<EntryRow>('SELECT * FROM outgoing WHERE settled_at IS NULL ORDER BY position');
    return rows.map((row) => this.#entryFrom(row));
  }

  /** Adds a new item with the services of its parts, or updates the lease of a known one and of its reports. */
  take(item: OutboundItem, services: ReadonlyArray<Sending['service']>): void {
    const id = outboundId(item);
    this.#database.transaction(() => {
      this.#run(
        `INSERT INTO outgoing (message, item) VALUES (?, ?)
         ON CONFLICT (message) DO UPDATE SET item = excluded.item`,
        id,
        JSON.stringify(item),
      );
      for (const [part, service] of services.entries()) {
        this.#run('INSERT OR IGNORE INTO parts (message, part, service) VALUES (?, ?, ?)', id, part, service);
      }
      this.#run(
        "UPDATE reports SET report = json_set(report, '$.lease', ?) WHERE message = ?",
        item.lease,
        id,
      );
    })();
  }

  /** Remembers a cancelled item, so that a later delivery is rejected. */
  rejectDelivery(id: string, now: number): void {
    this.#run('INSERT OR IGNORE INTO cancelled (message, at) VALUES (?, ?)', id, now);
  }

  /** Returns whether the item was cancelled before its delivery. */
  isRejected(id: string): boolean {
    return this.#row('SELECT 1 FROM cancelled WHERE message = ?', id) !== undefined;
  }

  beginPart(id: string, part: number, { baseline, begunAt, attemptId, chat }: Attempt): void {
    this.#run(
      `UPDATE parts SET step = 'sending', attempts = attempts + 1, baseline = ?, begun_at = ?, attempt_id = ?, chat = ?
       WHERE message = ? AND part = ?`,
      baseline,
      begunAt,
      attemptId,
      chat ?? null,
      id,
      part,
    );
  }

  /** Records the guids that the sender returned. */
  setAttempt(id: string, part: number, { attemptId, chat }: Pick<Attempt, 'attemptId' | 'chat'>): void {
    this.#run(
      'UPDATE parts SET attempt_id = ?, chat = ? WHERE message = ? AND part = ?',
      attemptId,
      chat ?? null,
      id,
      part,
    );
  }

  markHanded(message: string, part: number): void {
    this.#run(
      "UPDATE parts SET step = 'handed' WHERE message = ? AND part = ? AND step = 'sending'",
      message,
      part,
    );
  }

  markMatched(message: string, part: number, guid: string): void {
    this.#run(
      "UPDATE parts SET step = 'matched', guid = ? WHERE message = ? AND part = ?",
      guid,
      message,
      part,
    );
  }

  /** Resets a part that failed permanently, to send it again by another service or to the other guid of its group. */
  retryPart(message: string, part: number, service: Sending['service'], now: number): void {
    this.#database.transaction(() => {
      this.#run(
        `INSERT OR IGNORE INTO told (guid, at)
         SELECT guid, ? FROM parts WHERE message = ? AND part = ? AND guid IS NOT NULL`,
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

  /** Returns whether the row of chat.db belongs to a sent part. */
  hasMatched(guid: string): boolean {
    return this.#row('SELECT 1 FROM parts WHERE guid = ?', guid) !== undefined;
  }

  /** Returns false if the state was reported before. */
  addReport(report: ReportItem): boolean {
    return (
      this.#run(
        'INSERT OR IGNORE INTO reports (message, state, report) VALUES (?, ?, ?)',
        reportedId(report),
        report.state,
        JSON.stringify(report),
      ) > 0
    );
  }

  reportsOf(message: string): ReportItem[] {
    return this.#reports('SELECT report FROM reports WHERE message = ? ORDER BY position', message);
  }

  unacknowledgedReports(): ReportItem[] {
    return this.#reports('SELECT report FROM reports WHERE is_acknowledged = 0 ORDER BY position');
  }

  acknowledgeReports(items: ReadonlyArray<{ id: string; state: ReportState }>): void {
    this.#database.transaction(() => {
      for (const { id, state } of items) {
        this.#run('UPDATE reports SET is_acknowledged = 1 WHERE message = ? AND state = ?', id, state);
      }
    })();
  }

  /** Returns whether the broker acknowledged the inbound item with this guid. */
  isInboundAcknowledged(guid: string): boolean {
    return this.#row('SELECT 1 FROM told WHERE guid = ?', guid) !== undefined;
  }

  /** Records acknowledged inbound items, and the row after which the next start reads chat.db. */
  acknowledgeInbound(guids: readonly string[], watermark: number, now: number): void {
    this.#database.transaction(() => {
      for (const guid of guids) this.#run('INSERT OR IGNORE INTO told (guid, at) VALUES (?, ?)', guid, now);
      this.setMark('watermark', watermark);
    })();
  }

  /**
   * Returns a stored value:
   *
   * - `watermark`: the row up to which all rows of chat.db are reported and acknowledged;
   * - `clock_offset`: the broker's clock minus this clock, in milliseconds;
   * - `paired_at`: the first start of the agent, by the broker's clock, epoch ms;
   * - `looked_at`: the last poll of chat.db, by the broker's clock, epoch ms.
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

  /** Deletes entries that were settled or acknowledged before this time (epoch ms). Returns their number. */
  trim(before: number): number {
    return this.#database.transaction(() => {
      const old = 'SELECT message FROM outgoing WHERE settled_at < ?';
      const isDeletable = `message IN (${old}) AND NOT EXISTS
        (SELECT 1 FROM reports r WHERE r.message = outgoing.message AND r.is_acknowledged = 0)`;
      const messages = this.#rows<{ message: string }>(
        `SELECT message FROM outgoing WHERE ${isDeletable}`,
        before,
      );
      for (const { message } of messages) {
        for (const table of ['reports', 'parts', 'outgoing']) {
          this.#run(`DELETE FROM ${table} WHERE message = ?`, message);
        }
      }
      this.#run('DELETE FROM cancelled WHERE at < ?', before);
      return messages.length + this.#run('DELETE FROM told WHERE at < ?', before);
    })();
  }

  close(): void {
    this.#database.close();
  }

  #migrate(file: string): void {
    const version = this.#database.pragma('user_version', { simple: true }) as number;
    if (version > SCHEMAS.length) {
      throw new JournalError(`A newer version of Homing wrote ${file}. Update Homing on this Mac.`);
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
      parts: parts.map(({ step, service, baseline, begun_at, attempts, attempt_id, chat, guid }) => ({
        step,
        service,
        baseline,
        begunAt: begun_at,
        attempts,
        attemptId: attempt_id ?? undefined,
        chat: chat ?? undefined,
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
