/** What the bench can be told. A value that can't be used ends it; nothing is clamped. */
import { parseArgs } from 'node:util';

export const ROWS = ['start', 'accept', 'handoff', 'idle', 'mac', 'history', 'webhooks', 'wholeway'] as const;
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
      throw new Error(`--only was given '${name}'; allowed: ${ROWS.join(', ')}, separated by commas.`);
    return name as Row;
  });
  return {
    only,
    rounds: wholeNumber('rounds', values.rounds, 100),
    seconds: wholeNumber('seconds', values.seconds, 600),
    connections: wholeNumber('connections', values.connections, 10_000),
    devices: wholeNumber('devices', values.devices, 25_000),
    chatRows: wholeNumber('chat-rows', values['chat-rows'], 1_000_000),
    historyRows: wholeNumber('history-rows', values['history-rows'], 10_000_000),
  };
}

function wholeNumber(name: string, given: string, max: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} was given '${given}'; allowed: 1 to ${max}.`);
}
