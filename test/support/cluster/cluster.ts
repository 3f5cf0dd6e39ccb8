/** Starts three brokers on one PostgreSQL server behind a proxy. The clock of the last broker is five minutes ahead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type HomingProcess, startHoming } from '../homing-process.ts';
import { type PostgresServer, startPostgres } from '../postgres/server.ts';
import { type ClusterProxy, startClusterProxy } from './cluster-proxy.ts';

const AHEAD_MS = 300_000;
const CLOCK = pathToFileURL(join(import.meta.dirname, '../movable-clock.mjs')).href;

export interface Cluster {
  server: PostgresServer;
  brokers: [HomingProcess, HomingProcess, HomingProcess];
  proxy: ClusterProxy;
  /** Key of the default account in the live environment. */
  liveKey: string;
  dispose(): Promise<void>;
}

export async function startCluster(env: Record<string, string>, random: () => number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-cluster-'));
  const ends: Array<() => Promise<void> | void> = [() => rmSync(folder, { recursive: true, force: true })];
  const dispose = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const server = await startPostgres();
    ends.push(() => server.dispose());
    const clockFile = join(folder, 'clock');
    writeFileSync(clockFile, String(AHEAD_MS));
    const start = async (more: Record<string, string>) => {
      const broker = await startHoming({ ...env, ...more, DATABASE_URL: server.url() });
      ends.push(() => broker.dispose());
      return broker;
    };
    const first = await start({});
    const ahead = { HOMING_TEST_CLOCK: clockFile, NODE_OPTIONS: `--import=${CLOCK}` };
    const brokers: Cluster['brokers'] = [first, ...(await Promise.all([start({}), start(ahead)]))];
    const proxy = await startClusterProxy(
      brokers.map(({ url }) => url),
      random,
    );
    ends.push(() => proxy.close());
    return { server, brokers, proxy, liveKey: first.liveKey, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
