/**
 * Tests plans that PostgreSQL makes while a table is empty, in a new database or at the start of a month. A prepared
 * statement keeps such a plan while the table grows, until its statistics are collected.
 */
import { expect, it } from 'vitest';
import { POSTGRES } from '../../../../broker/store/dialect.ts';
import { clientConfig, connect } from '../../../../broker/store/postgres/connection.ts';
import { Statements } from '../../../../broker/store/postgres/statements.ts';
import { everyStatement } from '../../../support/every-statement.ts';
import { newDatabase } from '../../../support/postgres/databases.ts';

interface PlanNode {
  'Join Filter'?: string;
  Plans?: PlanNode[];
}

/** Join filters with the rows of a list: ids of the request, ids of a page, or rows that a subquery looks for. */
const WITH_LIST =
  /wanted|subquery|^\(messages\.id = m\.id\)$|message_id = d\.message_id|d\.event_id = events\.id|n\.id = m\.number_id/;

const filtersOf = (node: PlanNode): string[] => [
  ...(node['Join Filter'] === undefined ? [] : [node['Join Filter']]),
  ...(node.Plans ?? []).flatMap(filtersOf),
];

it('no statement compares every row of a table with the rows of another one', async () => {
  const database = await newDatabase();
  const client = await connect(clientConfig({ url: database.url, usesPreparedStatements: true }));
  const translated = new Statements({ usesNames: false });
  const { statements } = await everyStatement(POSTGRES);
  expect(statements.length).toBeGreaterThan(150);
  const found: Record<string, string[]> = {};
  try {
    for (const { sql, queries } of statements) {
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${translated.of(sql).text}`);
      const filters = filtersOf(rows[0]['QUERY PLAN'][0].Plan);
      if (filters.some((filter) => WITH_LIST.test(filter))) found[[...queries].join()] = filters;
    }
  } finally {
    await client.end();
    await database.drop();
  }
  expect(found).toEqual({});
});
