/**
 * Measures the rate of accepted messages: Homing against node:http, and against node:http with group commit.
 * Every round uses a new process and a new file for each of them, in turns. Kannel is included if it is installed.
 * `postgres` is Homing on a PostgreSQL server on the same machine.
 */
import { join } from 'node:path';
import { generateLoad, type LoadResult } from '../load-generator.ts';
import { type Metric, metric, ratios } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import {
  makeFolder,
  removeFolder,
  startBaseline,
  startHomingOnPostgres,
  startPairedHoming,
} from '../programs.ts';
import { printProgress } from '../progress.ts';
import { type AcceptTarget, isKannelInstalled, startKannel } from './kannel.ts';

const WARM_SECONDS = 2;
const FROM = '+14155550100';
const SEND = { method: 'POST', path: '/v1/messages/send', headers: {}, from: FROM } as const;

const TARGETS: Record<string, () => Promise<AcceptTarget>> = {
  bare: async () => {
    const { port, pid, stop } = await startBaseline('accept-bare');
    return { ...SEND, port, pids: [pid], stop };
  },
  'group commit': async () => {
    const folder = makeFolder();
    const baseline = await startBaseline('accept-group-commit', join(folder, 'baseline.db'));
    const stop = async () => {
      await baseline.stop();
      removeFolder(folder);
    };
    return { ...SEND, port: baseline.port, pids: [baseline.pid], stop };
  },
  homing: async () => {
    const { port, pid, liveKey, number, stop } = await startPairedHoming();
    return { ...SEND, port, pids: [pid], headers: { 'x-api-key': liveKey }, from: number, stop };
  },
  postgres: async () => {
    const { port, pid, liveKey, number, stop } = await startHomingOnPostgres();
    return { ...SEND, port, pids: [pid], headers: { 'x-api-key': liveKey }, from: number, stop };
  },
};

export async function measureAccept(options: BenchOptions): Promise<Metric[]> {
  const targets = { ...TARGETS };
  if (isKannelInstalled()) targets.kannel = startKannel;
  else printProgress('accept: Kannel is skipped; bearerbox is not on PATH.');

  const results: Record<string, LoadResult[]> = {};
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [name, start] of Object.entries(targets)) {
      printProgress(`round ${round} of ${options.rounds}: accept, ${name}…`);
      const target = await start();
      try {
        const { connections, seconds } = options;
        const load = { ...target, connections, seconds, warmSeconds: WARM_SECONDS };
        results[name] = [...(results[name] ?? []), await generateLoad(load)];
      } finally {
        await target.stop();
      }
    }
  }

  const metrics: Metric[] = [];
  const roundsOf = (name: string, value: keyof LoadResult) =>
    (results[name] ?? []).map((result) => result[value] as number);
  for (const name of Object.keys(targets)) {
    metrics.push(metric('accept', `${name}: rate`, '/s', roundsOf(name, 'perSecond')));
    metrics.push(metric('accept', `${name}: p50`, 'ms', roundsOf(name, 'p50')));
    metrics.push(metric('accept', `${name}: p99`, 'ms', roundsOf(name, 'p99')));
    if (roundsOf(name, 'serverMicroseconds')[0] !== undefined) {
      metrics.push(metric('accept', `${name}: CPU per message`, 'µs', roundsOf(name, 'serverMicroseconds')));
    }
    metrics.push(metric('accept', `${name}: load generator CPU`, 'core', roundsOf(name, 'generatorCpu')));
  }
  const ratioTo = (name: string, value: 'perSecond' | 'p99', of = 'homing') =>
    ratios(roundsOf(of, value), roundsOf(name, value));
  metrics.push(metric('accept', 'rate: homing / bare', '×', ratioTo('bare', 'perSecond'), { atLeast: 0.45 }));
  metrics.push(
    metric('accept', 'rate: homing / group commit', '×', ratioTo('group commit', 'perSecond'), {
      atLeast: 0.7,
    }),
  );
  metrics.push(
    metric('accept', 'p99: homing / group commit', '×', ratioTo('group commit', 'p99'), { atMost: 2.5 }),
  );
  metrics.push(
    metric('accept', 'rate: postgres / bare', '×', ratioTo('bare', 'perSecond', 'postgres'), {
      atLeast: 0.3,
    }),
  );
  if ('kannel' in targets) {
    metrics.push(
      metric('accept', 'rate: homing / kannel', '×', ratioTo('kannel', 'perSecond'), { atLeast: 1 }),
    );
  }
  return metrics;
}
