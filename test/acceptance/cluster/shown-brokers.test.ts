/** Tests that commands and metrics show all brokers on a database. */
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownVersion } from '../../../shared/version.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { readMetrics } from '../../support/metrics.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

const OTHER_VERSION = '0.0.9';
const WARNING = `homing: The brokers are of several versions: ${OTHER_VERSION}, ${ownVersion()}. Upgrade all of them to the same version.\n`;

describe('two brokers on a database', () => {
  let database: TestDatabase;
  const brokers: HomingProcess[] = [];

  beforeAll(async () => {
    database = await newEmptyDatabase();
    for (let i = 0; i < 2; i += 1) brokers.push(await startHoming({ DATABASE_URL: database.url }));
  });
  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.dispose()));
    await database?.drop();
  });

  const [time, host, version] = [expect.stringMatching(/^\d{4}-.*Z$/), hostname(), ownVersion()];
  const row = { host, version, started_at: time, heartbeat_at: time };

  it('are both in homing status and homing database check', async () => {
    const [first] = brokers as [HomingProcess];
    for (const command of [['status'], ['database', 'check']]) {
      const { json, stderr } = await first.cli(...command, '--json');
      expect(json[0], stderr).toMatchObject({ brokers: [row, row] });
      expect(stderr).toBe('');
      const { stdout } = await first.cli(...command);
      expect(stdout).toMatch(/^BROKER +VERSION +SINCE +HEARTBEAT$/m);
      expect(stdout.match(new RegExp(`^${host} +${version} `, 'gm'))).toHaveLength(2);
    }
  });

  it('are counted in the metrics, and one of them has each role', async () => {
    const all = await Promise.all(brokers.map(({ url }) => readMetrics(url)));
    expect(all.map((metrics) => metrics.value('homing_brokers', {}))).toEqual([2, 2]);
    for (const role of ['sandbox', 'jobs'])
      expect(all.map((metrics) => metrics.value('homing_broker_roles', { role }))).toEqual([1, 0]);
  });

  it('lead to a warning if their versions differ', async () => {
    const [first] = brokers as [HomingProcess];
    await query(
      database.url,
      `UPDATE brokers SET version = '${OTHER_VERSION}' WHERE started_at = (SELECT MAX(started_at) FROM brokers)`,
    );
    for (const command of [['status'], ['database', 'check']]) {
      const { status, stderr } = await first.cli(...command);
      expect([status, stderr]).toEqual([0, WARNING]);
    }
  });

  it('are fewer after one of them was killed', async () => {
    const [first, second] = brokers as [HomingProcess, HomingProcess];
    await second.kill();
    await until('the end of the other broker', async () => {
      const { json } = await first.cli('status', '--json');
      return json[0].brokers.length === 1;
    });
    expect((await readMetrics(first.url)).value('homing_brokers', {})).toBe(1);
  });
});
