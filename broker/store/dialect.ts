/**
 * Defines what the engines write differently. Everything else of a statement is the same text for every engine.
 *
 * An engine without `INDEXED BY` removes it from the text, and numbers the `?` parameters if its driver needs it.
 */

export interface Dialect {
  readonly engine: 'sqlite' | 'postgres';
  /** Returns a table for FROM with the elements of a JSON array of texts, in the column `value`. */
  elements(json: string, alias: string): string;
  /**
   * Returns FROM and WHERE of a SELECT that looks up rows of a table for each row of `source`. The source is the outer loop
   * on both engines, also for a table without statistics. Both are texts for FROM; `alias` is the name of the table's rows.
   */
  lookupEach(source: string, table: string, alias: string, condition: string): string;
  /** Looks up rows for each element of a JSON array of texts, with a condition on `wanted.value`. */
  lookup(json: string, table: string, alias: string, condition: string): string;
  /** Returns the condition that a column has one of the values of a JSON array of texts. */
  isIn(column: string, json: string): string;
  /**
   * Returns a SELECT of a union. Only its first rows are needed, up to the limit. SQLite merges the SELECTs of a union by
   * their indexes. PostgreSQL reads all of their rows and sorts them, if their tables are partitioned.
   */
  firstOf(select: string, order: string, limit: string): string;
  /** Returns the condition that a SELECT of the row at hand has rows. It looks each row up by the index of the SELECT. */
  exists(select: string): string;
  /** Returns the text at a path of a JSON object, null if there is none. */
  textAt(json: string, ...path: string[]): string;
  /** Returns the position of a part in a text; 0: not contained. */
  position(text: string, part: string): string;
}

export const SQLITE: Dialect = {
  engine: 'sqlite',
  elements: (json, alias) => `json_each(${json}) AS ${alias}`,
  lookupEach: (source, table, _alias, condition) => `FROM ${source} CROSS JOIN ${table} WHERE ${condition}`,
  lookup: (json, table, alias, condition) =>
    SQLITE.lookupEach(SQLITE.elements(json, 'wanted'), table, alias, condition),
  isIn: (column, json) => `${column} IN (SELECT value FROM json_each(${json}))`,
  firstOf: (select) => select,
  exists: (select) => `EXISTS (${select})`,
  textAt: (json, ...path) => `json_extract(${json}, '$.${path.join('.')}')`,
  position: (text, part) => `instr(${text}, ${part})`,
};

export const POSTGRES: Dialect = {
  engine: 'postgres',
  elements: (json, alias) => `json_array_elements_text(CAST(${json} AS JSON)) AS ${alias}(value)`,
  // OFFSET keeps the planner from turning the loops around: it takes a table without statistics for almost empty.
  lookupEach: (source, table, alias, condition) =>
    `FROM ${source} CROSS JOIN LATERAL (SELECT * FROM ${table} WHERE ${condition} OFFSET 0) AS ${alias}`,
  lookup: (json, table, alias, condition) =>
    POSTGRES.lookupEach(POSTGRES.elements(json, 'wanted'), table, alias, condition),
  // An array, not a subquery: the values are then a condition of the index, never a filter of all rows.
  isIn: (column, json) => `${column} = ANY(ARRAY(SELECT json_array_elements_text(CAST(${json} AS JSON))))`,
  firstOf: (select, order, limit) =>
    `SELECT * FROM (${select} ORDER BY ${order} LIMIT ${limit}) AS first_rows`,
  // OFFSET keeps the planner from joining all rows of both tables, which it does while they look empty.
  exists: (select) => `EXISTS (${select} OFFSET 0)`,
  textAt: (json, ...path) => `CAST(${json} AS JSON) #>> '{${path.join(',')}}'`,
  position: (text, part) => `strpos(${text}, ${part})`,
};
