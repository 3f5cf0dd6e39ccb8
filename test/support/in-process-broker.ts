/**
 * Starts a whole broker in the process of the test, on a real port with a separate data folder. The start takes about a
 * tenth of the time of a started program. Used by the tests of the HTTP layer: errors, limits, validation,
 * authentication and the schema of every operation.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseConfig, readSettings } from '../../broker/config.ts';
import { startBroker } from '../../broker/main.ts';
import { newBrokerDatabase } from './broker-database.ts';
import { type RunningBroker, UNPACED } from './homing-process.ts';

export async function startInProcess(env: Record<string, string> = {}): Promise<RunningBroker> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-http-'));
  const database = await newBrokerDatabase(dataDir, env);
  let log = '';
  const config = parseConfig(readSettings({ ...UNPACED, ...database.settings, HOMING_PORT: '0', ...env }));
  const write = (line: string) => {
    log += line;
  };
  const broker = await startBroker(config, pino({ level: config.logLevel, base: null }, { write }));
  if (broker.firstKeys === undefined) throw new Error('A new data folder has no first keys.');
  const { live, test } = broker.firstKeys;
  return {
    url: broker.url,
    dataDir,
    database,
    liveKey: live.key,
    testKey: test.key,
    log: () => log,
    async dispose() {
      await broker.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
