/** Reads the URL and the API key of a remote broker, and maps its errors to command errors. */
import type { Command } from 'commander';
import { createHoming, type Homing, HomingApiError } from '../client/src/index.ts';
import { readSecretFile } from './secret-file.ts';
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

/** Options that apply only to the data folder of this machine. */
const LOCAL_FLAGS = {
  dataDir: '--data-dir',
  databaseUrlFile: '--database-url-file',
  account: '--account',
  environment: '--environment',
  plansFile: '--plans-file',
  messageTtlHours: '--message-ttl-hours',
} as const;

export function addRemoteOptions(command: Command): Command {
  return command
    .option(
      '--url <address>',
      'URL of a remote broker [HOMING_URL; without it the command uses the local data folder]',
    )
    .option(
      '--key-file <file>',
      'file with the API key of the remote broker; - is standard input [HOMING_KEY contains the key]',
    );
}

/** Returns undefined if the command uses the local data folder. @throws CommandError */
export function remoteBrokerOf(command: Command): RemoteBroker | undefined {
  const options = command.opts<RemoteOptions>();
  const url = options.url ?? (process.env.HOMING_URL || undefined);
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  // --data-dir and --database-url-file are more specific than HOMING_URL.
  const isLocal = isGiven('dataDir') || isGiven('databaseUrlFile');
  if (url === undefined || (options.url === undefined && isLocal)) return undefined;
  const source = options.url === undefined ? 'HOMING_URL' : '--url';
  for (const [name, flag] of Object.entries(LOCAL_FLAGS)) {
    if (!isGiven(name)) continue;
    throw new CommandError(
      `${flag} applies only to the local data folder. With ${source}, the API key selects the account. Remove one of them.`,
      EXIT.usage,
    );
  }
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new CommandError(`${source} was given '${url}'; allowed: http:// or https:// URL.`, EXIT.usage);
  }
  const key = readKey(options.keyFile);
  return { homing: createHoming({ url, key }), url, key };
}

function readKey(file: string | undefined): string {
  const source = file ?? 'HOMING_KEY';
  const key = file === undefined ? (process.env.HOMING_KEY ?? '').trim() : readSecretFile('--key-file', file);
  if (/^[!-~]+$/.test(key)) return key;
  throw new CommandError(
    key === ''
      ? `${source} contains no API key. Run npx homing keys create on the machine of the broker, and store the key in HOMING_KEY or in a file for --key-file.`
      : `${source} contains an invalid API key; allowed: printable ASCII characters, without spaces.`,
    EXIT.usage,
  );
}

/** Runs `work` and maps errors of the remote broker to command errors. @throws CommandError */
export async function mapApiErrors<T>({ url }: RemoteBroker, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HomingApiError)) throw error;
    const { code, fix } = error;
    const message = fix === undefined ? error.message : `${error.message} ${fix}`;
    if (code === 'unauthorized') {
      throw new CommandError(
        `The broker at ${url} rejects this API key: it is unknown or revoked. Check HOMING_KEY or --key-file. (${message})`,
      );
    }
    throw new CommandError(message, code === 'invalid_request' ? EXIT.usage : EXIT.failed);
  }
}
