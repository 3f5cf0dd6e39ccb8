/**
 * Defines what the engines write differently. Everything else of a statement is the same text for every engine.
 *
 * An engine without `INDEXED BY` removes it from the text, and numbers the `?` parameters if its driver needs it.
 */

export interface Dialect {
  readonly engine: 'sqlite' | 'postgres';
  /** Returns a table for FROM with the elements of a JSON array of texts, in the column `value`. */
  elements(json: string, alias: string): string;
  /** Returns the text at a path of a JSON object, null if there is none. */
  textAt(json: string, ...path: string[]): string;
  /** Returns the position of a part in a text; 0: not contained. */
  position(text: string, part: string): string;
}

export const SQLITE: Dialect = {
  engine: 'sqlite',
  elements: (json, alias) => `json_each(${json}) AS ${alias}`,
  textAt: (json, ...path) => `json_extract(${json}, '$.${path.join('.')}')`,
  position: (text, part) => `instr(${text}, ${part})`,
};

export const POSTGRES: Dialect = {
  engine: 'postgres',
  elements: (json, alias) => `json_array_elements_text(CAST(${json} AS JSON)) AS ${alias}(value)`,
  textAt: (json, ...path) => `CAST(${json} AS JSON) #>> '{${path.join(',')}}'`,
  position: (text, part) => `strpos(${text}, ${part})`,
};
