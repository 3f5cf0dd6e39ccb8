import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogFile, withoutSecrets } from '../../../relay-agent/setup/log-file.ts';
import { followLog, lastLines } from '../../../relay-agent/setup/log-reader.ts';
import { until } from '../../support/until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homing-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(size: `${number}B` = '200B') {
  const problems: string[] = [];
  const file = join(folder, 'logs', 'relay.log');
  const log = openLogFile(file, { now: () => 0, size, onProblem: (problem) => problems.push(problem) });
  return { file, log, problems };
}

describe('the log file', () => {
  it('each line has a timestamp, including partial lines and an unfinished last line', async () => {
    const { file, log } = open();
    log.write('one\ntw');
    log.write('o\n\nthree');
    await log.end();
    const time = '1970-01-01T00:00:00.000Z';
    expect(readFileSync(file, 'utf8')).toBe(`${time} one\n${time} two\n${time} three\n`);
  });

  it('rotation keeps five older files, and they contain consecutive lines', async () => {
    const { file, log } = open();
    for (let number = 100; number < 200; number += 1) log.write(`line ${number}\n`);
    await log.end();
    expect(readdirSync(join(folder, 'logs')).sort()).toEqual(
      ['', '.1', '.2', '.3', '.4', '.5'].map((ending) => `relay.log${ending}`),
    );
    const files = ['.5', '.4', '.3', '.2', '.1', ''].map((ending) => readFileSync(file + ending, 'utf8'));
    const numbers = [...files.join('').matchAll(/line (\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(
      Array.from({ length: numbers.length }, (_, index) => 200 - numbers.length + index),
    );
  });

  it('a write error is reported once', async () => {
    const file = join(folder, 'is-a-folder');
    const problems: string[] = [];
    mkdirSync(file);
    const log = openLogFile(file, { now: () => 0, onProblem: (problem) => problems.push(problem) });
    log.write('one\n');
    await until('the problem', () => problems.length > 0);
    log.write('two\n');
    await log.end();
    expect(problems).toHaveLength(1);
  });

  it.each([
    [`the token dev_${'a-_9'.repeat(11).slice(0, 43)}.`, 'the token dev_….'],
    ['Can’t get participant "+14155550100". (-1728)', 'Can’t get participant “…” (-1728)'],
    ['Can’t make "he said \\"hi\\" and left" into text. (-1700)', 'Can’t make “…” (-1700)'],
    ['Can’t make “a text that was cut o', 'Can’t make “…”'],
    [
      "Messages got an error: Application isn't running. (-600)",
      "Messages got an error: Application isn't running. (-600)",
    ],
  ])('secrets and quoted text are removed: %s', (line, logged) => {
    expect(withoutSecrets(line)).toBe(logged);
  });
});

describe('reading the log', () => {
  it('followLog continues across rotations', async () => {
    const { file, log } = open('400B');
    log.write('before\n');
    await until('the file', () => lastLines(file, 1).length === 1);
    const seen: string[] = [];
    const stop = followLog(file, (line) => seen.push(line.replace(/^\S+ /, '')));
    try {
      for (let round = 0; round < 10; round += 1) {
        log.write(`line ${round} ${'x'.repeat(100)}\n`);
        await until(`line ${round}`, () => seen.some((line) => line.startsWith(`line ${round} `)));
      }
    } finally {
      stop();
    }
    await log.end();
    expect(seen.map((line) => line.slice(0, 6))).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n}`));
    expect(readdirSync(join(folder, 'logs'))).toContain('relay.log.1');
  });

  it('lastLines returns nothing for a missing file', () => {
    expect(lastLines(join(folder, 'none.log'), 5)).toEqual([]);
  });
});
