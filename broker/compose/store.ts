/** Opens the store of the data folder, and creates the default account. */

import { DEFAULT_ACCOUNT, ensureDefaultAccount, findTenant } from '../core/accounts/accounts.ts';
import { createFirstKeys, type NewKey } from '../core/accounts/api-keys.ts';
import { createSignInLink } from '../core/members/sign-in-links.ts';
import { type Cluster, singleBroker } from '../core/ports/cluster.ts';
import type { RateLimits } from '../core/ports/rate-limits.ts';
import type { Store } from '../core/ports/store.ts';
import { type FolderLock, lockFile, lockFolder, prepareFolder } from '../data-folder.ts';
import type { Migration } from '../store/migrations/index.ts';
import { openStore as openAddress } from '../store/open.ts';
import { assertUsableDatabase } from '../store/sqlite/database-file.ts';
import { storeAddress } from '../store-address.ts';
import type { ClusterMember } from './cluster-member.ts';
import { composeLimits } from './limits.ts';
import type { Runtime } from './runtime.ts';

export interface FirstKeys {
  live: NewKey;
  test: NewKey;
  /** Token of a sign-in link to the dashboard. */
  signInToken: string;
}

export interface OpenedStore {
  store: Store;
  cluster: Cluster;
  limits: RateLimits;
  /** Creates the first keys if the database has none: they are shown once. Call it when the broker listens. */
  createFirstKeys(): Promise<FirstKeys | undefined>;
  /** Closes the store and unlocks the data folder. */
  close(): Promise<void>;
}

function logMigrations(log: Runtime['log'], applied: readonly Migration[]): void {
  const [first] = applied;
  if (first === undefined) return;
  const version = applied.at(-1)?.number;
  if (first.number === 1) log.info({ version }, 'database created');
  else log.info({ version, migrations: applied.map(({ name }) => name) }, 'database migrated');
}

/**
 * `member` is undefined with SQLite.
 *
 * @throws FolderInUseError if another broker works on the data folder. @throws DatabaseFileError @throws DatabaseError
 */
export async function openStore(runtime: Runtime, member?: ClusterMember): Promise<OpenedStore> {
  const { config } = runtime;
  prepareFolder(config.dataDir);
  const folder = lockFolder(config.dataDir);
  try {
    const store = await openInFolder(runtime, folder, member);
    return { ...store, close: () => store.close().finally(() => folder.unlock()) };
  } catch (error) {
    folder.unlock();
    throw error;
  }
}

async function openInFolder(
  runtime: Runtime,
  folder: FolderLock,
  member: ClusterMember | undefined,
): Promise<OpenedStore> {
  const { config, log, brokerMetrics, plans } = runtime;
  const address = storeAddress(config);
  if (address.engine === 'sqlite') assertUsableDatabase(address.file, lockFile(config.dataDir));
  const { metrics } = brokerMetrics;
  const { store, applied, generation } = await openAddress(address, { member, metrics }).catch(
    async (error) => {
      await member?.leave();
      throw error;
    },
  );
  logMigrations(log, applied);
  try {
    // If the clock was set back since, new messages still sort after the stored ones.
    const newest = await store.read.messages.newestId();
    if (newest !== undefined) runtime.idClock.continueAfter(newest);
    if (generation !== undefined) folder.recordGeneration(generation);
    await store.transaction((tx) => ensureDefaultAccount(tx, runtime, plans));
  } catch (error) {
    await store.close();
    throw error;
  }
  const { limits, close: closeLimits } = await composeLimits(runtime, address, member);
  return {
    ...{ store, limits },
    cluster: member ?? singleBroker(runtime.ids()),
    createFirstKeys: () =>
      store.transaction(async (tx) => {
        const keys = await createFirstKeys(tx, runtime);
        if (keys === undefined) return undefined;
        const { accountId: id, accountSlug: slug } = await findTenant(tx, DEFAULT_ACCOUNT, 'live');
        return { ...keys, signInToken: await createSignInLink(tx, { id, slug }, undefined, runtime) };
      }),
    close: async () => {
      await closeLimits();
      await store.close();
    },
  };
}
