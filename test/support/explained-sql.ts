/** Runs queries on an empty database with the real tables, and records the plan of each statement. */
import Database from 'better-sqlite3';
import type { Parameters, Sql, Value } from '../../broker/store/database.ts';
import { SQLITE } from '../../broker/store/dialect.ts';
import { positionalSql, positionalValues } from '../../broker/store/named-parameters.ts';
import { migrate } from '../../broker/store/sqlite/migrate.ts';
import { withFixedPlan } from '../../broker/store/sqlite/prepared-sql.ts';

export interface ExplainedSql extends Sql {
  database: Database.Database;
  /** How each statement reads messages. */
  explained: string[];
  /** Every line of the plans, of all tables. */
  plans: string[];
}

export function explainedSql(): ExplainedSql {
  const database = new Database(':memory:');
  migrate(database, ':memory:');
  const explained: string[] = [];
  const plans: string[] = [];
  function rowsOf<Row>(named: string, params: Parameters): Row[] {
    const positional = positionalSql(named);
    const text = withFixedPlan(positional.text);
    const values = positionalValues(positional, params);
    const plan = database.prepare<Value[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`).all(...values);
    for (const { detail } of plan) {
      plans.push(`${detail} in ${text}`);
      if (/^(SCAN|SEARCH) (messages|m|o)\b/.test(detail)) explained.push(detail.replace(/^(\w+) \w+/, '$1'));
    }
    const statement = database.prepare<Value[], Row>(text);
    return statement.reader ? statement.all(...values) : [];
  }
  const explaining: ExplainedSql = {
    ...{ database, explained, plans },
    run: async (text: string, ...params: Parameters) => {
      rowsOf(text, params);
      return 0;
    },
    get: async <Row>(text: string, ...params: Parameters) => rowsOf<Row>(text, params)[0],
    all: async <Row>(text: string, ...params: Parameters) => rowsOf<Row>(text, params),
    dialect: SQLITE,
    post: async (text: string, ...params: Parameters) => void rowsOf(text, params),
    insert: async (text, values) => void rowsOf(text, [values]),
    increment() {},
    gather() {},
    async writeGathered() {},
    snapshot: (read) => read(explaining),
    referenceVersion: () => 0,
  };
  return explaining;
}
