/**
 * Defines what the engines write differently. Everything else of a statement is the same text for every engine.
 *
 * An engine without `INDEXED BY` removes it from the text, and numbers the `?` parameters if its driver needs it.
 */

export interface Dialect {
  readonly engine: 'sqlite' | 'postgres';
  /** Returns a table for FROM with the elements of a JSON array of texts, in the column `value`. */
  elements(json: string, alias: string): string;
  /** Returns the condition that a column has one of the values of a JSON array of texts. */
  isIn(column: string, json: string): string;
  /** Returns the text at a path of a JSON object, null if there is none. */
  textAt(json: string, ...path: string[]): string;
  /** Returns the position of a part in a text; 0: not contained. */
  position(text: string, part: string): string;
}

export const SQLITE: Dialect = {
  engine: 'sqlite',
  elements: (json, alias) => `json_each(${json}) AS ${alias}`,
  isIn: (column, json) => `${column} IN (SELECT value FROM json_each(${json}))`,
  textAt: (json, ...path) => `json_extract(${json}, '$.${path.join('.')}')`,
  position: (text, part) => `instr(${text}, ${part})`,
};

export const POSTGRES: Dialect = {
  engine: 'postgres',
  elements: (json, alias) => `json_array_elements_text(CAST(${json} AS JSON)) AS ${alias}(value)`,
  // An array leads to an index scan. The planner does not know how many rows a subquery of IN has.
  isIn: (column, json) => `${column} = ANY (ARRAY(SELECT json_array_elements_text(CAST(${json} AS JSON))))`,
  textAt: (json, ...path) => `CAST(${json} AS JSON) #>> '{${path.join(',')}}'`,
  position: (text, part) => `strpos(${text}, ${part})`,
};
