/** Translates the text of a statement for PostgreSQL, once for each text. */
import type { Parameters } from '../database.ts';
import { positionalSql, positionalValues } from '../named-parameters.ts';
import { changesReference } from '../reference-cache.ts';

export interface Statement {
  text: string;
  /** Name of the prepared statement; undefined: not prepared by name. */
  name: string | undefined;
  /** Words of the text, among them every table that it names. */
  words: ReadonlySet<string>;
  changesReference: boolean;
  /** Returns the values in the order of the parameters. */
  values(params: Parameters): unknown[];
}

/** Translates each text once. Statements of one instance have different names. */
export class Statements {
  readonly #usesNames: boolean;
  readonly #byText = new Map<string, Statement>();

  constructor(options: { usesNames: boolean }) {
    this.#usesNames = options.usesNames;
  }

  of(sql: string): Statement {
    let statement = this.#byText.get(sql);
    if (statement === undefined) {
      const name = this.#usesNames ? `homing_${this.#byText.size + 1}` : undefined;
      statement = translate(sql, name);
      this.#byText.set(sql, statement);
    }
    return statement;
  }
}

function translate(sql: string, name: string | undefined): Statement {
  const { text, names } = positionalSql(sql);
  return {
    text: numberParameters(text.replace(/\s+INDEXED BY \w+/g, '')),
    name,
    words: new Set(text.match(/\w+/g)),
    changesReference: changesReference(sql),
    values: (params) => positionalValues({ names }, params).map(encode),
  };
}

function numberParameters(text: string): string {
  let count = 0;
  return text.replaceAll('?', () => `$${++count}`);
}

/** PostgreSQL stores no NUL characters in texts. */
export function encode(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value;
}
