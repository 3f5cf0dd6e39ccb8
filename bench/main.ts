/**
 * `npm run bench`: builds Homing, measures the rows that were asked for, prints the table on standard output
 * and writes `results.json` beside this file. A goal that was missed is said, and does not fail the bench;
 * an answer that is not what it should be does.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, formatTable } from './figures.ts';
import { type BenchOptions, type Row, readOptions } from './options.ts';
import { say } from './progress.ts';
import { measureAccept } from './rows/accept.ts';
import { measureHandOff } from './rows/hand-off.ts';
import { measureHistory } from './rows/history.ts';
import { measureIdle } from './rows/idle.ts';
import { measureMacAgent } from './rows/mac-agent.ts';
import { measureStart } from './rows/start.ts';
import { measureWebhooks } from './rows/webhooks.ts';
import { measureWholeWay } from './rows/whole-way.ts';

const MEASURES: Record<Row, (options: BenchOptions) => Promise<Figure[]>> = {
  start: measureStart,
  accept: measureAccept,
  handoff: measureHandOff,
  idle: measureIdle,
  mac: measureMacAgent,
  history: measureHistory,
  webhooks: measureWebhooks,
  wholeway: measureWholeWay,
};

const options = readOptions(process.argv.slice(2));
const begin = performance.now();
say('building…');
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: ['ignore', 2, 2],
});

const figures: Figure[] = [];
for (const row of options.only) figures.push(...(await MEASURES[row](options)));

const seconds = Math.round((performance.now() - begin) / 1000);
const machine = {
  node: process.version,
  platform: process.platform,
  arch: process.arch,
  cpus: cpus().length,
};
const results = { at: new Date().toISOString(), seconds, machine, options, figures };
writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
say(`done after ${seconds} s.`);
process.stdout.write(`${formatTable(figures)}\n`);
process.exit();
