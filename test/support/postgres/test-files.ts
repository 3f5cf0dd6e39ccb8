/** Lists the test files that run on PostgreSQL. */

/** Test files of PostgreSQL, which do not run on SQLite. */
export const POSTGRES_ONLY = ['test/**/postgres/**/*.test.ts'];

const STORE_AND_CORE = ['test/broker/store/**/*.test.ts', 'test/broker/core/**/*.test.ts'];
const APIS = ['test/http/**/*.test.ts'];

/** Test files of SQLite, with the reason why they do not run on PostgreSQL. */
export const SQLITE_ONLY: Record<string, string> = {};

/** `full`: also the tests of the APIs. */
export function postgresFiles(matrix: string | undefined): string[] {
  return [...POSTGRES_ONLY, ...STORE_AND_CORE, ...(matrix === 'full' ? APIS : [])];
}
