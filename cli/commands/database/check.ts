/** Implements `homing database check`: shows the state of the database and its problems. Changes nothing. */
import { Command } from 'commander';
import { isAnswering, recordedBroker } from '../../../broker/broker-record.ts';
import { lockFile } from '../../../broker/data-folder.ts';
import type { DatabaseCheck } from '../../../broker/store/database-check.ts';
import { NEWEST_VERSION } from '../../../broker/store/migrations/index.ts';
import type { DatabaseAddress } from '../../../broker/store/open.ts';
import { checkPostgres } from '../../../broker/store/postgres/check-database.ts';
import { DatabaseError } from '../../../broker/store/postgres/errors.ts';
import { checkSqlite } from '../../../broker/store/sqlite/check-database.ts';
import { assertUsableDatabase, DatabaseFileError } from '../../../broker/store/sqlite/database-file.ts';
import { storeAddress } from '../../../broker/store-address.ts';
import { existingDatabase } from '../../local-store.ts';
import { addSettings, configOf } from '../../settings-options.ts';
import { brokerRows, printBrokers, warnOfVersions } from '../../status/brokers.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
  printTable,
} from '../../terminal.ts';

export function databaseCheckCommand(): Command {
  const command = new Command('check')
    .description(
      'Check the database: version, size, rights and integrity. Exits with 1 if it finds a problem.',
    )
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const config = configOf(command);
      const check = await checkDatabase(storeAddress(config), config.dataDir).catch((error: unknown) => {
        if (options.json && isDatabaseProblem(error)) printJson({ ok: false, problems: [error.message] });
        throw error;
      });
      if (options.json) printJson(jsonOf(check));
      else printCheck(check);
      warnOfVersions(brokerRows(check.brokers));
      for (const problem of check.problems) printNotice(`homing: ${problem}`);
      if (check.problems.length > 0) process.exitCode = EXIT.failed;
    }),
  );
}

async function checkDatabase(address: DatabaseAddress, dataDir: string): Promise<DatabaseCheck> {
  if (address.engine === 'postgres') return checkPostgres(address);
  const file = existingDatabase(dataDir);
  assertUsableDatabase(file, lockFile(dataDir));
  const check = checkSqlite(file);
  const broker = recordedBroker(dataDir);
  check.facts.active_brokers = broker !== undefined && (await isAnswering(broker)) ? 1 : 0;
  return check;
}

/** The database cannot be opened. */
function isDatabaseProblem(error: unknown): error is Error {
  return (
    error instanceof CommandError || error instanceof DatabaseError || error instanceof DatabaseFileError
  );
}

function jsonOf({ schemaVersion, facts, brokers, ...check }: DatabaseCheck) {
  return {
    ok: check.problems.length === 0,
    ...check,
    ...{ schema_version: schemaVersion, newest_schema_version: NEWEST_VERSION },
    ...facts,
    ...(check.engine === 'postgres' ? { brokers: brokerRows(brokers) } : {}),
  };
}

function printCheck({
  engine,
  database,
  version,
  schemaVersion,
  bytes,
  rows,
  facts,
  brokers,
  problems,
}: DatabaseCheck): void {
  const name = engine === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  printTable(
    ['CHECK', 'RESULT'],
    [
      ...[
        ['database', database],
        ['engine', `${name} ${version}`],
        ['schema version', schemaText(schemaVersion)],
        ['size', `${Math.ceil(bytes / 1024).toLocaleString('en-US')} KB`],
      ],
      ...Object.entries(facts).map(([fact, value]) => [fact.replaceAll('_', ' '), String(value)]),
    ],
  );
  printLine();
  if (brokers.length > 1) {
    printBrokers(brokerRows(brokers));
    printLine();
  }
  const counts = Object.entries(rows);
  if (counts.length > 0) {
    printTable(
      ['TABLE', 'ROWS'],
      counts.map(([table, count]) => [table, count.toLocaleString('en-US')]),
    );
    printLine();
  }
  printLine(problems.length === 0 ? 'No problem found.' : `Problems found: ${problems.length}`);
}

function schemaText(version: number): string {
  if (version === 0) return 'none';
  if (version > NEWEST_VERSION) return `${version} (newer than this program)`;
  if (version === NEWEST_VERSION) return `${version} (the newest)`;
  return `${version} (the broker updates it to ${NEWEST_VERSION} at its start)`;
}
