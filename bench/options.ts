/** Parses the options of the benchmark. An invalid value is an error; no value is clamped. */
import { Command, InvalidArgumentError, Option } from 'commander';

export const ROWS = [
  'start',
  'accept',
  'dispatch',
  'idle',
  'mac',
  'history',
  'backlog',
  'webhooks',
  'end-to-end',
  'dashboard',
  'brokers',
] as const;
/** Rows of a run without `--only`, which takes less than 8 minutes. */
const DEFAULT_ROWS = ROWS.filter((row) => row !== 'brokers');
export type Row = (typeof ROWS)[number];

export interface BenchOptions {
  rounds: number;
  seconds: number;
  only: readonly Row[];
  connections: number;
  devices: number;
  chatRows: number;
  historyRows: number;
  backlogRows: number;
}

/** Prints a message and exits if an option is invalid. */
export function readOptions(args: readonly string[]): BenchOptions {
  return new Command('npm run bench --')
    .description('Measure Homing, print a table and write bench/results.json.')
    .addOption(
      new Option('--only <rows>', `rows, separated by commas: ${ROWS.join(', ')}`)
        .argParser(parseRows)
        .default(DEFAULT_ROWS, 'all but brokers'),
    )
    .option('--rounds <number>', 'rounds per row, 1 to 100', wholeNumber(100), 3)
    .option('--seconds <number>', 'duration of a round, 1 to 600', wholeNumber(600), 5)
    .option('--connections <number>', 'HTTP connections, 1 to 10000', wholeNumber(10_000), 64)
    .option('--devices <number>', 'connected devices, 1 to 25000', wholeNumber(25_000), 10_000)
    .option('--chat-rows <number>', 'rows of chat.db, 1 to 1000000', wholeNumber(1_000_000), 100_000)
    .option('--history-rows <number>', 'stored messages, 1 to 10000000', wholeNumber(10_000_000), 100_000)
    .option(
      '--backlog-rows <number>',
      'queued messages, 10000 to 10000000',
      wholeNumber(10_000_000),
      1_000_000,
    )
    .parse(args, { from: 'user' })
    .opts<BenchOptions>();
}

function parseRows(text: string): Row[] {
  return text.split(',').map((name) => {
    if (!(ROWS as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(`Allowed, separated by commas: ${ROWS.join(', ')}.`);
    }
    return name as Row;
  });
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Allowed: a whole number from 1 to ${max}.`);
  };
}
