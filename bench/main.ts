/**
 * Builds Homing, measures the selected rows, prints a table to stdout and writes `results.json` beside this file.
 * A missed goal does not fail the benchmark; an unexpected response does.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatTable, type Metric } from './metrics.ts';
import { type BenchOptions, type Row, readOptions } from './options.ts';
import { printProgress } from './progress.ts';
import { measureAccept } from './rows/accept.ts';
import { measureBacklog } from './rows/backlog.ts';
import { measureBrokers } from './rows/brokers.ts';
import { measureDashboard } from './rows/dashboard.ts';
import { measureDispatch } from './rows/dispatch.ts';
import { measureEndToEnd } from './rows/end-to-end.ts';
import { measureHistory } from './rows/history.ts';
import { measureIdle } from './rows/idle.ts';
import { measureMacAgent } from './rows/mac-agent.ts';
import { measureStart } from './rows/start.ts';
import { measureWebhooks } from './rows/webhooks.ts';

const MEASURES: Record<Row, (options: BenchOptions) => Promise<Metric[]>> = {
  start: measureStart,
  accept: measureAccept,
  dispatch: measureDispatch,
  idle: measureIdle,
  mac: measureMacAgent,
  history: measureHistory,
  backlog: measureBacklog,
  webhooks: measureWebhooks,
  'end-to-end': measureEndToEnd,
  dashboard: measureDashboard,
  brokers: measureBrokers,
};

const options = readOptions(process.argv.slice(2));
const begin = performance.now();
printProgress('building…');
execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'bootstrap/build.mjs'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: ['ignore', 2, 2],
});

const metrics: Metric[] = [];
for (const row of options.only) metrics.push(...(await MEASURES[row](options)));

const seconds = Math.round((performance.now() - begin) / 1000);
const machine = {
  node: process.version,
  platform: process.platform,
  arch: process.arch,
  cpus: cpus().length,
};
const results = { at: new Date().toISOString(), seconds, machine, options, metrics };
writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
printProgress(`done after ${seconds} s.`);
process.stdout.write(`${formatTable(metrics)}\n`);
process.exit();
