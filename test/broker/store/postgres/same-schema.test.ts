import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../../broker/store/sqlite/migrate.ts';
import { POSTGRES_TABLE_RULES, TABLE_RULES } from '../../../../broker/store/table-rules.ts';
import { newDatabase, type TestDatabase } from '../../../support/postgres/databases.ts';

/** Tables that one engine only has. The full-text search of PostgreSQL is in `search_entries`. */
const OF_ONE_ENGINE = /^(?:database_state|search_|sqlite_)/;

interface Table {
  columns: string[];
  key: string[];
  indexes: string[];
  references: string[];
}

describe('the schema of both engines', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let sqlite: Map<string, Table>;
  let postgres: Map<string, Table>;

  beforeAll(async () => {
    const memory = new Database(':memory:');
    migrate(memory, ':memory:');
    sqlite = sqliteTables(memory);
    memory.close();
    database = await newDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    postgres = await postgresTables(client);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const each = (read: (table: Table) => string[], tables: Map<string, Table>) =>
    Object.fromEntries([...tables].map(([name, table]): [string, string[]] => [name, read(table)]));

  it('has the same tables, with a floor for their number', () => {
    expect([...postgres.keys()].sort()).toEqual([...sqlite.keys()].sort());
    expect(sqlite.size).toBeGreaterThan(45);
  });

  it('has a rule for each table', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    const ruled = new Set(Object.keys({ ...TABLE_RULES, ...POSTGRES_TABLE_RULES }));
    expect(rows.map(({ name }) => name).filter((name) => !ruled.has(name))).toEqual([]);
  });

  it('has the same columns, types, defaults and NOT NULL', () => {
    expect(each(({ columns }) => columns, postgres)).toEqual(each(({ columns }) => columns, sqlite));
  });

  it('has the same primary keys', () => {
    expect(each(({ key }) => key, postgres)).toEqual(each(({ key }) => key, sqlite));
  });

  it('has the same indexes', () => {
    const expected = each(({ indexes }) => indexes, sqlite);
    // A unique index of a partitioned table contains the partition key.
    expected.messages = expected.messages!.map((index: string) =>
      index.startsWith('messages_guid ') ? index.replace('unique ', '') : index,
    );
    // A URL may be longer than the values of an ordered index, and a hash index has one column and is not unique.
    expected.webhooks = expected.webhooks!.map((index: string) =>
      index.startsWith('webhooks_callbacks ') ? index.replace('unique world_id, url', 'url') : index,
    );
    expect(each(({ indexes }) => indexes, postgres)).toEqual(expected);
  });

  it('has the same foreign keys, and deletes dependent rows in the same cases', () => {
    expect(each(({ references }) => references, postgres)).toEqual(
      each(({ references }) => references, sqlite),
    );
  });

  it('sorts and compares texts byte by byte on PostgreSQL', async () => {
    const { rows } = await client.query(
      `SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'text'::regtype
         AND a.attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C')`,
    );
    expect(rows).toEqual([]);
  });
});

/** BIGINT, INTEGER and SMALLINT are one type in SQLite. */
const familyOf = (type: string) =>
  /INT/i.test(type) ? 'number' : /BLOB|bytea/i.test(type) ? 'bytes' : 'text';
/** Returns an expression as both engines print it. */
const condition = (text: string | undefined) =>
  (text ?? '')
    .toLowerCase()
    .replace(/[()"]|::\w+/g, '')
    .replace(/= any array\[(.*?)\]/g, 'in $1')
    .replace(/\s+/g, ' ')
    .trim();

function sqliteTables(database: Database.Database): Map<string, Table> {
  const all = <Row>(sql: string, ...values: string[]) => database.prepare(sql).all(...values) as Row[];
  const names = all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'");
  return new Map(
    names
      .filter(({ name }) => !OF_ONE_ENGINE.test(name))
      .map(({ name }) => {
        const columns = all<{
          name: string;
          type: string;
          notnull: number;
          dflt_value: string | null;
          pk: number;
        }>('SELECT * FROM pragma_table_info(?)', name);
        const indexes = all<{ name: string; unique: number; origin: string }>(
          'SELECT * FROM pragma_index_list(?)',
          name,
        );
        const references = all<{ column: string; table: string; on_delete: string }>(
          'SELECT "from" AS column, "table", lower(on_delete) AS on_delete FROM pragma_foreign_key_list(?)',
          name,
        );
        const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
        return [
          name,
          {
            columns: columns
              .map(
                (column) =>
                  `${column.name} ${familyOf(column.type)}${column.notnull === 1 || column.pk > 0 ? ' not null' : ''}${column.dflt_value === null ? '' : ` default ${column.dflt_value}`}`,
              )
              .sort(),
            key: key.map((column) => column.name),
            indexes: indexes
              .filter(({ origin }) => origin !== 'pk')
              .map((index) => {
                const [row] = all<{ sql: string | null }>(
                  'SELECT sql FROM sqlite_schema WHERE name = ?',
                  index.name,
                );
                const text = row?.sql?.replace(/\s+/g, ' ') ?? '';
                const [, list = '', where] = /\bON \w+ \((.*?)\)(?: WHERE (.*))?$/.exec(text) ?? [];
                const listed = all<{ name: string }>(
                  'SELECT name FROM pragma_index_info(?) ORDER BY seqno',
                  index.name,
                );
                const of = row?.sql == null ? listed.map((column) => column.name).join(', ') : list;
                const called = index.origin === 'u' ? '(unique)' : index.name;
                return `${called} ${index.unique === 1 ? 'unique ' : ''}${condition(of)}${where === undefined ? '' : ` where ${condition(where)}`}`;
              })
              .sort(),
            references: references.map((one) => `${one.column} ${one.table} ${one.on_delete}`).sort(),
          },
        ];
      }),
  );
}

async function postgresTables(client: pg.Client): Promise<Map<string, Table>> {
  const tables = await client.query<{ oid: number; name: string }>(
    `SELECT oid, relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const found = new Map<string, Table>();
  for (const { oid, name } of tables.rows) {
    if (OF_ONE_ENGINE.test(name)) continue;
    const columns = await client.query<{
      name: string;
      type: string;
      required: boolean;
      value: string | null;
    }>(
      `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required,
         pg_get_expr(d.adbin, d.adrelid) AS value
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped`,
      [oid],
    );
    const indexes = await client.query<{ text: string; is_key: boolean; is_constraint: boolean }>(
      `SELECT pg_get_indexdef(i.indexrelid) AS text, i.indisprimary AS is_key,
         EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'u') AS is_constraint
       FROM pg_index i WHERE i.indrelid = $1`,
      [oid],
    );
    const parsed = indexes.rows.map(({ text, is_key, is_constraint }) => {
      const [, unique = '', index = '', list = '', where] =
        /^CREATE (UNIQUE )?INDEX (\S+) ON .*? USING (?:btree|hash) \((.*?)\)(?: WHERE (.*))?$/.exec(text) ??
        [];
      const described = `${is_constraint ? '(unique)' : index} ${unique.toLowerCase()}${condition(list)}${where === undefined ? '' : ` where ${condition(where)}`}`;
      return { is_key, list, described };
    });
    const references = await client.query<{ column: string; table: string; on_delete: string }>(
      `SELECT a.attname AS column, c.confrelid::regclass AS table,
         CASE c.confdeltype WHEN 'c' THEN 'cascade' WHEN 'a' THEN 'no action' ELSE c.confdeltype::text END AS on_delete
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
       WHERE c.contype = 'f' AND c.conrelid = $1`,
      [oid],
    );
    found.set(name, {
      columns: columns.rows
        .map(
          ({ name: column, type, required, value }) =>
            `${column} ${familyOf(type)}${required ? ' not null' : ''}${value === null ? '' : ` default ${value}`}`,
        )
        .sort(),
      key:
        parsed
          .find(({ is_key }) => is_key)
          ?.list.replaceAll('"', '')
          .split(', ') ?? [],
      indexes: parsed
        .filter(({ is_key }) => !is_key)
        .map(({ described }) => described)
        .sort(),
      references: references.rows.map((one) => `${one.column} ${one.table} ${one.on_delete}`).sort(),
    });
  }
  return found;
}
