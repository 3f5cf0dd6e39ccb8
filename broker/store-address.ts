/** Returns the address of the database that the settings select. */
import type { Config } from './config.ts';
import { databaseFile } from './data-folder.ts';
import type { DatabaseAddress } from './store/open.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

export type DatabaseSettings = Pick<
  Config,
  'dataDir' | 'databaseUrl' | 'databaseDirectUrl' | 'databasePreparedStatements' | 'maxDatabaseMegabytes'
>;

export function storeAddress(config: DatabaseSettings): DatabaseAddress {
  const { dataDir, databaseUrl, databaseDirectUrl, databasePreparedStatements, maxDatabaseMegabytes } =
    config;
  if (databaseUrl === undefined) {
    return {
      engine: 'sqlite',
      file: databaseFile(dataDir),
      maxBytes: maxDatabaseMegabytes === 0 ? undefined : maxDatabaseMegabytes * BYTES_PER_MEGABYTE,
    };
  }
  return {
    engine: 'postgres',
    url: databaseUrl,
    directUrl: databaseDirectUrl,
    usesPreparedStatements: databasePreparedStatements,
  };
}
