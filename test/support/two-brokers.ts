/** Starts two real brokers on one PostgreSQL database. The second one accepts the keys of the first one. */
import { startCluster } from './broker-cluster.ts';
import { rowsOf } from './broker-database.ts';
import type { HomingProcess } from './homing-process.ts';
import type { TestDatabase } from './postgres/databases.ts';
import { until } from './until.ts';

export interface TwoBrokers {
  one: HomingProcess;
  other: HomingProcess;
  database: TestDatabase;
  dispose(): Promise<void>;
}

export async function startTwoBrokers(settings: Record<string, string> = {}): Promise<TwoBrokers> {
  const { brokers, database, liveKey, testKey, dispose } = await startCluster(2, () => settings);
  const [one, second] = brokers as [HomingProcess, HomingProcess];
  await bothKnown(one);
  return { one, other: { ...second, liveKey, testKey }, database, dispose };
}

/** Settles when both brokers know of each other. */
export async function bothKnown(one: HomingProcess): Promise<void> {
  await until('both brokers to know of each other', async () => {
    const rows = await rowsOf(one, 'SELECT id FROM brokers WHERE beats >= 2');
    return rows.length === 2;
  });
}
