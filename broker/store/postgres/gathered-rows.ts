/**
 * Gathers rows of one INSERT, and writes them with one statement: an array for each parameter, and `unnest`. A separate
 * statement for each row would cost a round trip and an execution each.
 */
import type { NamedValues, Value } from '../database.ts';
import { positionalSql, positionalValues } from '../named-parameters.ts';
import { encode } from './statements.ts';

/** Types of the columns, by `table.column`. */
export type ColumnTypes = ReadonlyMap<string, string>;

export interface GatheringStatement {
  table: string;
  text: string;
  /** Names of the values, in the order of the arrays; undefined: the values are positional. */
  names: readonly string[] | undefined;
  parameters: number;
}

const INSERT = /^\s*INSERT INTO (\w+) \(([^)]+)\)\s*VALUES \(([^)]+)\)([\s\S]*)$/;

/** Returns the statement that inserts many rows. @throws Error if the text is not of the form that `Sql.insert` defines */
export function gatheringStatement(sql: string, types: ColumnTypes): GatheringStatement {
  const [, table, columnList, valueList, suffix] = INSERT.exec(sql) ?? [];
  if (table === undefined || columnList === undefined || valueList === undefined) {
    throw new Error(`Rows of this statement cannot be gathered: ${sql}`);
  }
  const columns = columnList.split(',').map((column) => column.trim());
  const values = valueList.split(',').map((value) => value.trim());
  const arrays: string[] = [];
  const names: string[] = [];
  const selected = values.map((value, index) => {
    if (value !== '?' && !value.startsWith('@')) return value;
    const type = types.get(`${table}.${columns[index]}`);
    if (type === undefined) throw new Error(`The type of ${table}.${columns[index]} is unknown.`);
    arrays.push(`$${arrays.length + 1}::${type}[]`);
    names.push(value.slice(1));
    return `v${arrays.length}`;
  });
  const row = arrays.map((_, index) => `v${index + 1}`).join(', ');
  return {
    table,
    text: `INSERT INTO ${table} (${columns.join(', ')})
      SELECT ${selected.join(', ')} FROM unnest(${arrays.join(', ')}) AS gathered(${row})${suffix ?? ''}`,
    names: positionalSql(valueList).names === undefined ? undefined : names,
    parameters: arrays.length,
  };
}

/** Rows of one statement that wait for the next write. */
export class GatheredRows {
  readonly statement: GatheringStatement;
  /** One array for each parameter. */
  #columns: unknown[][];
  #size = 0;

  constructor(statement: GatheringStatement) {
    this.statement = statement;
    this.#columns = emptyColumns(statement.parameters);
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(params: readonly Value[] | readonly [NamedValues]): void {
    const values = positionalValues(this.statement, params);
    for (const [index, column] of this.#columns.entries()) column.push(encode(values[index]));
    this.#size += 1;
  }

  /** Returns the arrays of the rows and removes the rows. */
  take(): unknown[][] {
    const columns = this.#columns;
    this.clear();
    return columns;
  }

  clear(): void {
    this.#columns = emptyColumns(this.statement.parameters);
    this.#size = 0;
  }
}

const emptyColumns = (count: number) => Array.from({ length: count }, (): unknown[] => []);
