/** Tests that every table of the schema has a rule by which it shrinks. */
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate } from '../../../broker/store/sqlite/migrate.ts';
import { TABLE_RULES } from '../../../broker/store/table-rules.ts';

it('every table has a rule, and every rule has a table', () => {
  const database = new Database(':memory:');
  migrate(database, ':memory:');
  // FTS5 stores a virtual table in tables with its name as their prefix.
  const tables = database
    .prepare<[], string>(
      `SELECT t.name FROM pragma_table_list AS t
       WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND t.name NOT LIKE 'sqlite_%'`,
    )
    .pluck()
    .all();
  database.close();
  expect(Object.keys(TABLE_RULES).sort()).toEqual(tables.sort());
});
