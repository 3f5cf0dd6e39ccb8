/**
 * Translates named parameters (`@name`) into positional ones (`?`), which every engine accepts.
 *
 * An engine calls `positionalSql` once for a statement text and keeps the result with the prepared statement. Binding
 * then costs the same as positional values (insert of a message: 4.3 µs and 4.4 µs). The named binding of better-sqlite3
 * takes 1 to 1.5 µs more for each statement, because it looks up every name through the V8 API.
 */
import type { NamedValues, Parameters, Value } from './database.ts';

export interface PositionalSql {
  text: string;
  /** Name of the value for each `?`, in order; undefined if the statement has no named parameters. */
  names: readonly string[] | undefined;
}

export function positionalSql(sql: string): PositionalSql {
  const names: string[] = [];
  const text = sql.replace(/@(\w+)/g, (_, name: string) => {
    names.push(name);
    return '?';
  });
  return { text, names: names.length === 0 ? undefined : names };
}

/** Returns the values in the order of the `?` of the translated text. Throws if a name has no value. */
export function positionalValues(
  { names }: Pick<PositionalSql, 'names'>,
  params: Parameters,
): readonly Value[] {
  if (names === undefined) return params as readonly Value[];
  const byName = params[0] as NamedValues;
  const values: Value[] = [];
  for (const name of names) {
    const value = byName[name];
    if (value === undefined) throw new Error(`The SQL parameter @${name} has no value.`);
    values.push(value);
  }
  return values;
}
