/** Lists the test files that run on PostgreSQL. */

/** Test files of PostgreSQL, which do not run on SQLite. */
export const POSTGRES_ONLY = ['test/**/postgres/**/*.test.ts', 'test/acceptance/cluster/**/*.test.ts'];

const STORE_AND_CORE = ['test/broker/store/**/*.test.ts', 'test/broker/core/**/*.test.ts'];
const APIS_AND_CLI = [
  'test/broker/devices/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/client/**/*.test.ts',
  'test/http/**/*.test.ts',
  'test/acceptance/{inkbox,mcp,metrics,providers,texting-blue,textree,textus,webhooks}/**/*.test.ts',
  'test/acceptance/{attachments,bearer-tokens,command-line,failed-attempts,guarantees,killed-broker}.test.ts',
  'test/acceptance/{moved-clock,relay,sandbox,shortcuts,slow-event-streams,uploads}.test.ts',
];

/** Test files of SQLite, with the reason why they do not run on PostgreSQL. */
export const SQLITE_ONLY: Record<string, string> = {
  'test/broker/store/backup.test.ts': 'copies the database file',
  'test/broker/store/group-commit.test.ts': 'tests the engine of SQLite: batches, write lock, full disk',
  'test/broker/store/inbox-plans.test.ts': 'reads the plans of SQLite',
  'test/broker/store/member-plans.test.ts': 'reads the plans of SQLite',
  'test/broker/store/migrate.test.ts': 'migrates database files of earlier versions',
  'test/broker/store/query-plans.test.ts': 'reads the plans of SQLite',
  'test/broker/store/release-space.test.ts': 'measures the database file',
  'test/broker/store/table-rules.test.ts': 'reads the tables of SQLite',
  'test/broker/store/upgrade.test.ts': 'migrates database files of earlier versions',
  'test/http/dashboard/backups.test.ts': 'copies the database file; PostgreSQL has its own backups',
  'test/broker/store/write-ahead-log.test.ts': 'measures the write-ahead log',
};

/** `full`: also the tests of the APIs, the client and the command line. */
export function postgresFiles(matrix: string | undefined): string[] {
  return [...POSTGRES_ONLY, ...STORE_AND_CORE, ...(matrix === 'full' ? APIS_AND_CLI : [])];
}

/** Test files that also run on databases that were copied from SQLite. */
export function migratedFiles(matrix: string | undefined): string[] {
  return matrix === 'full' ? ['test/acceptance/{inkbox,texting-blue,textree,textus}/**/*.test.ts'] : [];
}
