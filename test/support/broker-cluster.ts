/** Starts several brokers, as real programs, on one empty PostgreSQL database. */
import { recordedBroker } from '../../broker/broker-record.ts';
import { type HomingProcess, startHoming } from './homing-process.ts';
import { type Client, clientFor } from './http-client.ts';
import { unlimitedPlansFile } from './plans.ts';
import { newEmptyDatabase, type TestDatabase } from './postgres/databases.ts';

export interface BrokerCluster {
  database: TestDatabase;
  brokers: readonly HomingProcess[];
  /** Test and live keys of the first start. */
  testKey: string;
  liveKey: string;
  /** Clients with the test key, by broker. */
  clients: readonly Client[];
  dispose(): Promise<void>;
}

/** `settings`: for every broker, or for the broker of an index. */
export async function startCluster(
  count: number,
  settings: (index: number) => Record<string, string> = () => ({}),
): Promise<BrokerCluster> {
  const database = await newEmptyDatabase();
  const brokers: HomingProcess[] = [];
  const dispose = async () => {
    await Promise.all(brokers.map((broker) => broker.dispose()));
    await database.drop();
  };
  try {
    for (let index = 0; index < count; index += 1) {
      brokers.push(
        await startHoming({
          DATABASE_URL: database.url,
          HOMING_ALLOW_PRIVATE_URLS: '1',
          HOMING_PLANS_FILE: unlimitedPlansFile(),
          ...settings(index),
        }),
      );
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  const { testKey, liveKey } = brokers[0]!;
  const clients = brokers.map(({ url }) => clientFor(url, testKey));
  return { database, brokers, testKey, liveKey, clients, dispose };
}

/** Returns the id of a running broker in the tables of the database. */
export function brokerIdOf({ dataDir }: HomingProcess): string {
  const id = recordedBroker(dataDir)?.brokerId;
  if (id === undefined) throw new Error('The broker has not recorded its id.');
  return id;
}
