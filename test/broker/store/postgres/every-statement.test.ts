import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES, SQLITE } from '../../../../broker/store/dialect.ts';
import { positionalSql } from '../../../../broker/store/named-parameters.ts';
import { Statements } from '../../../../broker/store/postgres/statements.ts';
import { migrate } from '../../../../broker/store/sqlite/migrate.ts';
import { everyStatement, type RecordedStatement } from '../../../support/every-statement.ts';
import { newDatabase, type TestDatabase } from '../../../support/postgres/databases.ts';

type Family = 'number' | 'text' | 'bytes';

const NUMBERS = new Set([16, 20, 21, 23, 700, 701, 1700]);
const BYTEA = 17;

function familyOf(oid: number): Family {
  if (NUMBERS.has(oid)) return 'number';
  return oid === BYTEA ? 'bytes' : 'text';
}

/** Null: SQLite knows no type of an expression. */
function declaredFamily(type: string | null): Family | null {
  if (type === null) return null;
  if (type === 'TEXT') return 'text';
  return type === 'BLOB' ? 'bytes' : 'number';
}

describe('every statement of the store', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let sqlite: Database.Database;
  let ofPostgres: RecordedStatement[];
  let ofSqlite: RecordedStatement[];
  const statements = new Statements({ usesNames: false });

  beforeAll(async () => {
    database = await newDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    sqlite = new Database(':memory:');
    migrate(sqlite, ':memory:');
    ofPostgres = (await everyStatement(POSTGRES)).statements;
    ofSqlite = (await everyStatement(SQLITE)).statements;
  });
  afterAll(async () => {
    sqlite.close();
    await client.end();
    await database.drop();
  });

  it('is recorded: every query has one', async () => {
    const { statements: found, queries } = await everyStatement(SQLITE);
    const recorded = new Set(found.flatMap((statement) => [...statement.queries]));
    expect(queries.filter((query) => !recorded.has(query))).toEqual([]);
    expect(found.length).toBeGreaterThan(350);
  });

  it('is accepted by SQLite', () => {
    const rejected = ofSqlite.flatMap(({ sql, queries }) => {
      try {
        sqlite.prepare(positionalSql(sql).text);
        return [];
      } catch (error) {
        return [`${[...queries]}: ${(error as Error).message}: ${sql}`];
      }
    });
    expect(rejected).toEqual([]);
  });

  it('is accepted by PostgreSQL', async () => {
    const rejected: string[] = [];
    for (const { sql, queries } of ofPostgres) {
      const { text } = statements.of(sql);
      await client
        .query(`PREPARE tested AS ${text}; DEALLOCATE tested`)
        .catch((error: Error) => rejected.push(`${[...queries]}: ${error.message}: ${text}`));
    }
    expect(rejected).toEqual([]);
  });

  it('names the alias of each subquery in FROM, which PostgreSQL 15 needs', () => {
    expect(ofPostgres.filter(({ sql }) => hasUnnamedSubquery(sql)).map(({ sql }) => sql)).toEqual([]);
  });

  it('returns the same columns on both engines', async () => {
    expect(ofSqlite.map(({ queries }) => [...queries])).toEqual(
      ofPostgres.map(({ queries }) => [...queries]),
    );
    const different: string[] = [];
    let compared = 0;
    for (const [index, { sql }] of ofSqlite.entries()) {
      const prepared = sqlite.prepare(positionalSql(sql).text);
      if (!prepared.reader || !/^\s*(?:SELECT|WITH)/.test(sql)) continue;
      const { text } = statements.of(ofPostgres[index]!.sql);
      const values = Array.from({ length: text.match(/\$\d+/g)?.length ?? 0 }, () => null);
      const { fields } = await client.query({ text, values });
      compared += 1;
      const columns = prepared.columns();
      const isSame =
        columns.length === fields.length &&
        columns.every(({ name, type }, place) => {
          const field = fields[place]!;
          const family = declaredFamily(type);
          return (
            (name === field.name || /^\W|\W$|^1$/.test(name)) &&
            (family === null || family === familyOf(field.dataTypeID))
          );
        });
      if (!isSame)
        different.push(`${columns.map(({ name }) => name)} | ${fields.map(({ name }) => name)} | ${sql}`);
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(150);
  });
});

/** Whether a subquery that begins with `FROM (SELECT` ends without a name. */
function hasUnnamedSubquery(sql: string): boolean {
  const text = sql.replace(/\s+/g, ' ');
  return [...text.matchAll(/FROM \(SELECT/g)].some(({ index }) => {
    let depth = 0;
    for (let place = index + 'FROM '.length; place < text.length; place += 1) {
      if (text[place] === '(') depth += 1;
      if (text[place] === ')') depth -= 1;
      if (depth === 0) return !/^\) (?:AS )?(?!WHERE|ORDER|GROUP|LIMIT|CROSS)\w+/.test(text.slice(place));
    }
    return true;
  });
}
