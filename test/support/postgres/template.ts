/** Creates the template of a run: a database with the schema of Homing and no rows. */
import { openStore } from '../../../broker/store/open.ts';
import { databaseUrl, newDatabaseName, query } from './databases.ts';

/** Returns the name of the template. Nothing can connect to it, because an open connection prevents its copies. */
export async function createTemplate(server: string): Promise<string> {
  const name = newDatabaseName();
  await query(server, `CREATE DATABASE "${name}"`);
  await applySchema(databaseUrl(server, name));
  await closeTemplate(server, name);
  return name;
}

/** An open connection would prevent copies. */
export async function closeTemplate(server: string, name: string): Promise<void> {
  await query(server, `ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS false`);
}

async function applySchema(url: string): Promise<void> {
  const { store } = await openStore({ engine: 'postgres', url, usesPreparedStatements: true });
  await store.close();
}
