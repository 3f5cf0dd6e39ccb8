/** Prepares the statements of the search thread, and converts a search text to an expression of FTS5. */
import type Database from 'better-sqlite3';
import { searchPhrases } from '../../core/inbox/search-words.ts';
import type { NamedValues, Value } from '../database.ts';
import { positionalSql, positionalValues } from '../named-parameters.ts';

export type ReadAll = <Row>(sql: string, values: NamedValues) => Row[];

/** Prepares each statement text once. */
export function preparedReads(connection: Database.Database): ReadAll {
  const statements = new Map<string, (values: NamedValues) => unknown[]>();
  const prepared = (sql: string) => {
    const { text, names } = positionalSql(sql);
    const statement = connection.prepare<Value[]>(text);
    return (values: NamedValues) => statement.all(...positionalValues({ names }, [values]));
  };
  return <Row>(sql: string, values: NamedValues) => {
    const run = statements.get(sql) ?? prepared(sql);
    statements.set(sql, run);
    return run(values) as Row[];
  };
}

/** A shorter last word is not completed: too many words begin with it. */
const COMPLETED_MIN = 2;

/** Returns the words as an expression of FTS5. The last word may be the beginning of a word. */
export function wordsExpression(text: string): string | undefined {
  const phrases = searchPhrases(text);
  if (phrases.length === 0) return undefined;
  const isComplete = /["\s]$/u.test(text) || (phrases.at(-1)?.at(-1)?.length ?? 0) < COMPLETED_MIN;
  // Words contain letters and digits only, so FTS5 cannot read them as syntax.
  return phrases
    .map((words, place) => `"${words.join(' ')}"${place === phrases.length - 1 && !isComplete ? ' *' : ''}`)
    .join(' AND ');
}
