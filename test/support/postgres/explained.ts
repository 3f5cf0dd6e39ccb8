/** Runs queries on PostgreSQL with the plans of the broker, and records how each statement reads rows. */
import pg from 'pg';
import type { Parameters, Sql } from '../../../broker/store/database.ts';
import { POSTGRES } from '../../../broker/store/dialect.ts';
import { Statements } from '../../../broker/store/postgres/statements.ts';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

interface Explained {
  /** Number of rows that the scans of tables and indexes returned or rejected. */
  examined: number;
  /** Names of the indexes and of the tables that were read without one. */
  read: string[];
}

/** Returns the number of rows that the scans of a plan returned or rejected. `rows`: of EXPLAIN (ANALYZE, FORMAT JSON). */
export function rowsExamined(rows: readonly unknown[]): number {
  return scansOf(planOf(rows)).reduce((sum, scan) => sum + examinedBy(scan), 0);
}

const planOf = (rows: readonly unknown[]) =>
  (rows as ReadonlyArray<{ 'QUERY PLAN': Array<{ Plan: PlanNode }> }>)[0]!['QUERY PLAN'][0]!.Plan;

/** Returns the nodes of a plan that read a table or an index. */
function scansOf(node: PlanNode): PlanNode[] {
  const isScan = node['Relation Name'] !== undefined && /Scan/.test(node['Node Type']);
  return [...(isScan ? [node] : []), ...(node.Plans ?? []).flatMap(scansOf)];
}

function examinedBy(scan: PlanNode): number {
  const rejected = (scan['Rows Removed by Filter'] ?? 0) + (scan['Rows Removed by Index Recheck'] ?? 0);
  return (scan['Actual Rows'] + rejected) * scan['Actual Loops'];
}

/** Runs the queries, and returns what their statements read together. */
export async function explain(client: pg.Client, run: (sql: Sql) => Promise<unknown>): Promise<Explained> {
  const statements = new Statements({ usesNames: false });
  const result: Explained = { examined: 0, read: [] };
  const rowsOf = async <Row>(text: string, params: Parameters): Promise<Row[]> => {
    const statement = statements.of(text);
    const values = statement.values(params);
    const literals = values.map((value) => (value === null ? 'NULL' : pg.escapeLiteral(String(value))));
    const execute = `EXECUTE explained${literals.length === 0 ? '' : `(${literals.join(', ')})`}`;
    await client.query(`PREPARE explained AS ${statement.text}`);
    try {
      const { rows } = await client
        .query(`BEGIN; EXPLAIN (ANALYZE, FORMAT JSON) ${execute}; ROLLBACK`)
        .then((results) => (results as unknown as pg.QueryResult[])[1]!);
      for (const scan of scansOf(planOf(rows))) {
        result.examined += examinedBy(scan);
        if (scan['Actual Loops'] > 0) result.read.push(scan['Index Name'] ?? scan['Relation Name'] ?? '');
      }
      return (await client.query<Row & pg.QueryResultRow>(execute)).rows;
    } finally {
      await client.query('DEALLOCATE explained');
    }
  };
  /** Statements that are sent at the same time are explained one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Row>(text: string, params: Parameters): Promise<Row[]> => {
    const rows = last.then(() => rowsOf<Row>(text, params));
    last = rows.catch(() => {});
    return rows;
  };
  const sql: Sql = {
    dialect: POSTGRES,
    run: async (text, ...params) => (await inTurn(text, params)).length,
    get: async <Row>(text: string, ...params: Parameters) => (await inTurn<Row>(text, params))[0],
    all: <Row>(text: string, ...params: Parameters) => inTurn<Row>(text, params),
    post: async (text, ...params) => void (await inTurn(text, params)),
    insert: async (text, values) => void (await inTurn(text, [values])),
    increment() {},
    gather() {},
    async writeGathered() {},
    snapshot: (read) => read(sql),
    referenceVersion: () => 0,
  };
  await run(sql);
  await last;
  return result;
}
