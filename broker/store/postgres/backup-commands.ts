/** Makes the commands of PostgreSQL that back up and restore a database. They ask for the password. */
import { withoutPassword } from './address.ts';

export interface BackupCommands {
  backup: string;
  /** Restores into an empty database: the program cannot replace partitioned tables. */
  restore: string;
}

/** Parameters of the address that the programs of PostgreSQL do not know. */
const OWN_PARAMETERS = ['schema', 'uselibpqcompat'];

export function backupCommands(url: string): BackupCommands {
  const address = new URL(withoutPassword(url));
  const schema = address.searchParams.get('schema');
  for (const name of OWN_PARAMETERS) address.searchParams.delete(name);
  const ofSchema = schema === null ? '' : ` --schema=${schema}`;
  const database = quoted(address.href);
  address.pathname = '/';
  const empty = quoted(address.href.replace(/\/(?=\?|$)/, '/<empty database>'));
  return {
    backup: `pg_dump --format=custom --no-owner${ofSchema} --file=homing.dump --dbname=${database}`,
    restore: `pg_restore --no-owner --single-transaction --dbname=${empty} homing.dump`,
  };
}

const quoted = (address: string) => `'${address.replaceAll("'", '%27')}'`;
