/** Parses the options of the benchmark. An invalid value is an error; no value is clamped. */
import { parseArgs } from 'node:util';

export const ROWS = [
  'start',
  'accept',
  'dispatch',
  'idle',
  'mac',
  'history',
  'webhooks',
  'end-to-end',
] as const;
export type Row = (typeof ROWS)[number];

export interface BenchOptions {
  rounds: number;
  seconds: number;
  only: readonly Row[];
  connections: number;
  devices: number;
  chatRows: number;
  historyRows: number;
}

export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string', default: ROWS.join(',') },
      connections: { type: 'string', default: '64' },
      devices: { type: 'string', default: '10000' },
      'chat-rows': { type: 'string', default: '100000' },
      'history-rows': { type: 'string', default: '100000' },
    },
  });
  const only = values.only.split(',').map((name) => {
    if (!(ROWS as readonly string[]).includes(name))
      throw new Error(`Invalid --only '${name}'. Allowed, separated by commas: ${ROWS.join(', ')}.`);
    return name as Row;
  });
  return {
    only,
    rounds: parseWholeNumber('rounds', values.rounds, 100),
    seconds: parseWholeNumber('seconds', values.seconds, 600),
    connections: parseWholeNumber('connections', values.connections, 10_000),
    devices: parseWholeNumber('devices', values.devices, 25_000),
    chatRows: parseWholeNumber('chat-rows', values['chat-rows'], 1_000_000),
    historyRows: parseWholeNumber('history-rows', values['history-rows'], 10_000_000),
  };
}

function parseWholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`Invalid --${name} '${text}'. Allowed: a whole number from 1 to ${max}.`);
}
