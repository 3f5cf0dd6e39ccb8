/** A broker on another machine: where it is and with which key, and its refusals in the command line's words. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { createHoming, type Homing, HomingApiError } from '../client/src/index.ts';
import { CommandError, EXIT } from './terminal.ts';

export interface RemoteBroker {
  homing: Homing;
  url: string;
  key: string;
}

interface RemoteOptions {
  url?: string;
  keyFile?: string;
}

/** Say what is on this machine, and have no meaning elsewhere. */
const LOCAL_FLAGS = {
  dataDir: '--data-dir',
  account: '--account',
  environment: '--environment',
  plansFile: '--plans-file',
  messageTtlHours: '--message-ttl-hours',
} as const;

export function addRemoteOptions(command: Command): Command {
  return command
    .option('--url <address>', 'use the broker at this address [HOMING_URL; the data folder of this machine]')
    .option('--key-file <file>', 'the file with the API key for it [the key itself in HOMING_KEY]');
}

/** Undefined: the command works on the data folder. */
export function remoteOf(command: Command): RemoteBroker | undefined {
  const options = command.opts<RemoteOptions>();
  const url = options.url ?? (process.env.HOMING_URL || undefined);
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  // A flag wins over the environment.
  if (url === undefined || (options.url === undefined && isGiven('dataDir'))) return undefined;
  const place = options.url === undefined ? 'HOMING_URL' : '--url';
  for (const [name, flag] of Object.entries(LOCAL_FLAGS)) {
    if (!isGiven(name)) continue;
    throw new CommandError(
      `${flag} is for the data folder of this machine. With ${place}, the key says whose messages these are.`,
      EXIT.usage,
    );
  }
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new CommandError(`${place} was given '${url}'; allowed: http:// or https:// URL.`, EXIT.usage);
  }
  const key = readKey(options.keyFile);
  return { homing: createHoming({ url, key }), url, key };
}

function readKey(file: string | undefined): string {
  const place = file === undefined ? 'HOMING_KEY' : file;
  const key = (file === undefined ? (process.env.HOMING_KEY ?? '') : readFileSync(file, 'utf8')).trim();
  if (/^[!-~]+$/.test(key)) return key;
  throw new CommandError(
    key === ''
      ? `There is no API key in ${place}. Make one with npx homing keys create where the broker runs, and put it into HOMING_KEY or a file for --key-file.`
      : `What is in ${place} is no API key: it has spaces or other characters that no key has.`,
    EXIT.usage,
  );
}

/** Runs the work; what the broker refuses is said as commands say it. */
export async function explaining<T>({ url }: RemoteBroker, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HomingApiError)) throw error;
    const { code, message } = error;
    if (code === 'unauthorized') {
      throw new CommandError(`${url} does not know this API key, or it was revoked. (${message})`);
    }
    throw new CommandError(message, code === 'invalid_request' ? EXIT.usage : EXIT.failed);
  }
}
