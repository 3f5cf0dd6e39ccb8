/**
 * Accepting messages: Homing beside bare node:http and bare node:http with group commit, each in a fresh
 * process on a fresh file in every round, in turns. Kannel joins them where it is installed.
 */
import { join } from 'node:path';
import { type Figure, figure, ratios } from '../figures.ts';
import { generateLoad, type LoadResult } from '../load-generator.ts';
import type { BenchOptions } from '../options.ts';
import { dropFolder, makeFolder, startFloor, startPairedHoming } from '../programs.ts';
import { say } from '../progress.ts';
import { type AcceptTarget, isKannelInstalled, startKannel } from './kannel.ts';

const WARM_SECONDS = 2;
const FROM = '+14155550100';
const SEND = { method: 'POST', path: '/v1/messages/send', headers: {}, from: FROM } as const;

const TARGETS: Record<string, () => Promise<AcceptTarget>> = {
  bare: async () => ({ ...SEND, ...(await startFloor('accept-bare')) }),
  'group commit': async () => {
    const folder = makeFolder();
    const floor = await startFloor('accept-group-commit', join(folder, 'floor.db'));
    const stop = async () => {
      await floor.stop();
      dropFolder(folder);
    };
    return { ...SEND, port: floor.port, pid: floor.pid, stop };
  },
  homing: async () => {
    const { port, pid, liveKey, number, stop } = await startPairedHoming();
    return { ...SEND, port, pid, headers: { 'x-api-key': liveKey }, from: number, stop };
  },
};

export async function measureAccept(options: BenchOptions): Promise<Figure[]> {
  const targets = { ...TARGETS };
  if (isKannelInstalled()) targets.kannel = startKannel;
  else say('accept: Kannel was left out, as there is no bearerbox on the PATH.');

  const results = new Map(Object.keys(targets).map((name) => [name, [] as LoadResult[]]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const [name, start] of Object.entries(targets)) {
      say(`round ${round} of ${options.rounds}: accept, ${name}…`);
      const target = await start();
      try {
        const { connections, seconds } = options;
        const load = { ...target, connections, seconds, warmSeconds: WARM_SECONDS };
        results.get(name)!.push(await generateLoad(load));
      } finally {
        await target.stop();
      }
    }
  }

  const figures: Figure[] = [];
  const of = (name: string, value: keyof LoadResult) =>
    results.get(name)!.map((result) => result[value] as number);
  for (const name of results.keys()) {
    figures.push(figure('accept', `${name}: rate`, '/s', of(name, 'perSecond')));
    figures.push(figure('accept', `${name}: p50`, 'ms', of(name, 'p50')));
    figures.push(figure('accept', `${name}: p99`, 'ms', of(name, 'p99')));
    if (of(name, 'serverMicroseconds')[0] !== undefined) {
      figures.push(figure('accept', `${name}: processor a message`, 'µs', of(name, 'serverMicroseconds')));
    }
    figures.push(figure('accept', `${name}: load generator`, 'core', of(name, 'generatorCpu')));
  }
  const beside = (name: string, value: 'perSecond' | 'p99') => ratios(of('homing', value), of(name, value));
  figures.push(figure('accept', 'rate: homing / bare', '×', beside('bare', 'perSecond'), { atLeast: 0.45 }));
  figures.push(
    figure('accept', 'rate: homing / group commit', '×', beside('group commit', 'perSecond'), {
      atLeast: 0.7,
    }),
  );
  figures.push(
    figure('accept', 'p99: homing / group commit', '×', beside('group commit', 'p99'), { atMost: 2.5 }),
  );
  if (results.has('kannel')) {
    figures.push(
      figure('accept', 'rate: homing / kannel', '×', beside('kannel', 'perSecond'), { atLeast: 1 }),
    );
  }
  return figures;
}
