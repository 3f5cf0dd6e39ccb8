/** Fills a SQLite database of Homing with rows in every table, for tests of copies. */
import Database from 'better-sqlite3';
import { searchWords } from '../../broker/core/inbox/search-words.ts';
import { openSqliteStore } from '../../broker/store/sqlite/open.ts';
import { firstPositionAt } from '../../broker/store/sqlite/search-positions.ts';
import { idAt } from '../../shared/ids.ts';

interface Column {
  name: string;
  type: string;
  pk: number;
  notnull: number;
}

/** Texts that an engine may store or sort differently. */
const TEXTS = [
  'Hello',
  '',
  'Füße, Ärger und naïve Cafés',
  'It\'s "quoted", \\escaped\\ and {braced},(NULL)',
  '你好,世界 👩‍👩‍👧 🇩🇪',
  'tab\tnew line\nreturn\r',
  'NULL',
  '\\x00ff',
  '{"a":"\\u0000"}',
  'e\u0301 and é',
  '-',
  '9007199254740993',
];
const WITH_NUL = 'before\0after\0';
const MONTHS = 6;
const MONTH_MS = 30 * 86_400_000;

export interface FillOptions {
  messages: number;
  /** Rows of each other table. */
  rows: number;
  now: number;
}

/**
 * Adds a tenant with messages of the last six months, and rows to every table. Returns the number of NUL characters in
 * the texts.
 */
export async function fillDatabase(file: string, { messages, rows, now }: FillOptions): Promise<number> {
  await openSqliteStore({ file }).store.close();
  const connection = new Database(file);
  try {
    connection.pragma('foreign_keys = ON');
    let nulCharacters = 0;
    connection.transaction(() => {
      addMessages(connection, messages, now);
      nulCharacters = addOtherRows(connection, rows);
    })();
    return nulCharacters;
  } finally {
    connection.close();
  }
}

function addMessages(connection: Database.Database, count: number, now: number): void {
  const account = idAt(now);
  connection.exec(
    `INSERT INTO accounts (id, slug, plan, created_at) VALUES ('${account}', 'busy', 'free', ${now})`,
  );
  const tenant = connection
    .prepare("INSERT INTO worlds (account_id, environment) VALUES (?, 'live')")
    .run(account).lastInsertRowid as number;
  const number = idAt(now);
  connection
    .prepare(
      `INSERT INTO numbers (id, world_id, is_live, phone_number, label, status, is_verified, created_at)
       VALUES (?, ?, 1, '+14155559999', NULL, 'active', 1, ?)`,
    )
    .run(number, tenant, now);
  const message = connection.prepare(
    `INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content, requested_service,
       service, error_retryable, lane, expires_at, attempt, lease_journaled, guid, created_at, sent_at, projected_status)
     VALUES (@tenant, @id, @number, @direction, @status, '+14155559999', @remote, @content, 'auto',
       'imessage', 0, 0, @at + 86400000, 1, 1, @guid, @at, @at + 1000, @status)`,
  );
  const entry = connection.prepare(
    "INSERT INTO timeline (message_id, position, at, kind, status, detail) VALUES (?, ?, ?, 'status', ?, NULL)",
  );
  const position = connection.prepare('INSERT INTO search_entries (position, message_id) VALUES (?, ?)');
  const words = connection.prepare('INSERT INTO search_words (rowid, scope, words) VALUES (?, ?, ?)');
  const step = (MONTHS * MONTH_MS) / Math.max(1, count);
  for (let i = 0; i < count; i += 1) {
    const at = Math.round(now - MONTHS * MONTH_MS + i * step);
    const id = idAt(at);
    const isInbound = i % 3 === 0;
    const content = `${TEXTS[i % TEXTS.length]} message ${i} of the busy account`;
    message.run({
      ...{ tenant, id, number, at, content, guid: isInbound ? `guid-${i}` : null },
      direction: isInbound ? 'inbound' : 'outbound',
      status: isInbound ? 'received' : 'delivered',
      remote: `+1415555${String(i % 1_000).padStart(4, '0')}`,
    });
    entry.run(id, 0, at, isInbound ? 'received' : 'queued');
    if (!isInbound) entry.run(id, 1, at + 1_000, 'delivered');
    const at0 = firstPositionAt(at) + (i % 4_096);
    position.run(at0, id);
    words.run(at0, number, searchWords(content).join(' '));
  }
}

/** Adds rows with texts of every kind to each table but those of messages and of the search. */
function addOtherRows(connection: Database.Database, rows: number): number {
  let nulCharacters = 0;
  const names = connection
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    .pluck()
    .all() as string[];
  for (const table of names.filter((name) => !/^(sqlite_|search_|messages$|timeline$)/.test(name))) {
    const columns = connection.pragma(`table_info(${table})`) as Column[];
    const references = new Map(
      (
        connection.pragma(`foreign_key_list(${table})`) as {
          from: string;
          table: string;
          to: string | null;
        }[]
      ).map(({ from, table: other, to }) => [
        from,
        connection
          .prepare(`SELECT ${to ?? 'id'} FROM ${other} ORDER BY 1`)
          .pluck()
          .all(),
      ]),
    );
    const insert = connection.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.map(({ name }) => name).join(', ')})
       VALUES (${columns.map(() => '?').join(', ')})`,
    );
    for (let i = 0; i < rows; i += 1) {
      const values = columns.map((column, index) => {
        const choices = references.get(column.name);
        if (choices !== undefined) return choices[i % choices.length];
        const value = sampleValue(column, i, index);
        if (typeof value === 'string') nulCharacters += value.split('\0').length - 1;
        return value;
      });
      const { changes } = insert.run(...values);
      if (changes === 0) throw new Error(`The row ${i} of ${table} is not unique.`);
    }
  }
  return nulCharacters;
}

function sampleValue({ type, pk, notnull }: Column, row: number, index: number): unknown {
  if (notnull === 0 && pk === 0 && (row + index) % 4 === 0) return null;
  if (type === 'BLOB') return Buffer.from(Array.from({ length: row % 300 }, (_, i) => (i * 7 + row) % 256));
  if (type === 'TEXT') {
    if (pk > 0 || row % 2 === 0) return `${TEXTS[row % TEXTS.length]} ${row}.${index}`;
    return row === 1 ? WITH_NUL + row : `${row}.${index} ${TEXTS[(row + index) % TEXTS.length]}`;
  }
  if (type === 'SMALLINT') return row % 30_000;
  if (type === 'INTEGER') return 1_000_000 + row;
  return row === 0 ? Number.MAX_SAFE_INTEGER : 1_700_000_000_000 + row;
}
