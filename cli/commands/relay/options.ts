/**
 * What the commands of the relay agent take alike: where the broker is, where things are on the Mac. What is not
 * given by a flag or the environment comes from the pairing that is kept.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { keychain } from '../../../relay-agent/setup/keychain.ts';
import { type LaunchAgent, launchAgent } from '../../../relay-agent/setup/launch-agent.ts';
import {
  type PairingStore,
  pairingStore,
  type StoredPairing,
} from '../../../relay-agent/setup/pairing-store.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';
import { SetupError } from '../../../relay-agent/setup/setup-error.ts';
import { PAIR_COMMAND } from '../../../relay-agent/setup/setup-link.ts';
import { checkToken } from '../../device/connection.ts';
import { action, CommandError, EXIT } from '../../terminal.ts';
import { trustCertificates } from './trust.ts';

export interface BrokerOptions {
  url?: string;
  token?: string;
  caFile?: string;
  allowHttp?: string | boolean;
}

export interface StoreOptions {
  dataDir: string;
  security: string;
}

export interface MacOptions extends StoreOptions {
  chatDb: string;
  osascript: string;
  allowOtherOs?: string | boolean;
}

export interface ServiceOptions {
  launchctl: string;
}

export interface LogOptions {
  logFile: string;
}

export function addBrokerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'the broker (default: the one this Mac is paired with)').env(
        'HOMING_RELAY_URL',
      ),
    )
    .addOption(
      new Option(
        '--token <token>',
        'the token that `homing pair` shows (default: the one of the pairing)',
      ).env('HOMING_RELAY_TOKEN'),
    )
    .addOption(
      new Option('--ca-file <file>', 'certificates (PEM) to trust for the broker besides the usual ones').env(
        'HOMING_RELAY_CA_FILE',
      ),
    )
    .addOption(
      new Option('--allow-http', 'let http:// go to other machines, unencrypted').env(
        'HOMING_RELAY_ALLOW_HTTP',
      ),
    );
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <folder>', 'where the agent keeps its pairing and its journal')
        .env('HOMING_RELAY_DATA_DIR')
        .default(join(homedir(), '.homing-relay'), '~/.homing-relay'),
    )
    .addOption(
      new Option('--security <program>', 'reads and writes the keychain')
        .env('HOMING_RELAY_SECURITY')
        .default('/usr/bin/security'),
    );
}

export function addMacOptions(command: Command): Command {
  return addOtherOsOption(addStoreOptions(command))
    .addOption(
      new Option('--chat-db <file>', 'the database of Messages')
        .env('HOMING_RELAY_CHAT_DB')
        .default(join(homedir(), 'Library/Messages/chat.db'), '~/Library/Messages/chat.db'),
    )
    .addOption(
      new Option('--osascript <program>', 'runs AppleScript')
        .env('HOMING_RELAY_OSASCRIPT')
        .default('/usr/bin/osascript'),
    );
}

export function addOtherOsOption(command: Command): Command {
  return command.addOption(
    new Option('--allow-other-os', 'start where there is no macOS').env('HOMING_RELAY_ALLOW_OTHER_OS'),
  );
}

export function addServiceOptions(command: Command): Command {
  return command.addOption(
    new Option('--launchctl <program>', 'speaks with launchd')
      .env('HOMING_RELAY_LAUNCHCTL')
      .default('/bin/launchctl'),
  );
}

/** For the commands beside `run`, which look for the log where the installed agent writes it. */
export function addLogOption(command: Command): Command {
  return command.addOption(
    new Option('--log-file <file>', 'the log of the installed agent')
      .env('HOMING_RELAY_LOG_FILE')
      .default(join(homedir(), 'Library/Logs/Homing/relay.log'), '~/Library/Logs/Homing/relay.log'),
  );
}

/** Beside the log: what is said before it is open, and the stack of a crash. */
export function errorFileOf({ logFile }: LogOptions): string {
  return `${logFile.replace(/\.log$/, '')}-errors.log`;
}

/** Like `action`, for commands that go through the set-up. */
export function setupAction<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  return action(async (...args: Args) => {
    try {
      await run(...args);
    } catch (error) {
      throw error instanceof SetupError ? new CommandError(error.message) : error;
    }
  });
}

export function storeOf({ dataDir, security }: StoreOptions): PairingStore {
  return pairingStore({ dataDir, keychain: keychain(security, runProgram) });
}

export function serviceOf({ launchctl }: ServiceOptions): LaunchAgent {
  return launchAgent({ home: homedir(), userId: process.getuid?.() ?? 0, launchctl, run: runProgram });
}

export interface KnownBroker {
  /** Without a slash at its end. @throws CommandError where there is none. */
  url(): string;
  /** @throws CommandError, SetupError */
  token(): Promise<string>;
}

/**
 * The broker to connect to. Flags and the environment win over the pairing, each by itself: a broker that has
 * moved is reached by --url with the token that is kept. `url()` also trusts the certificates that go with it.
 */
export function knownBroker(options: BrokerOptions & StoreOptions): KnownBroker {
  const store = storeOf(options);
  let read: { pairing: StoredPairing | undefined } | undefined;
  const pairing = () => {
    read ??= { pairing: store.read() };
    return read.pairing;
  };
  return {
    url() {
      const { url, caFile, allowHttp } = options;
      if (url !== undefined) {
        trustCertificates(caFile);
        return readUrl({ url, ...(allowHttp === undefined ? {} : { allowHttp }) });
      }
      const stored = pairing();
      if (stored === undefined) throw new CommandError(NOT_PAIRED, EXIT.usage);
      trustCertificates(caFile ?? stored.caFile ?? undefined);
      return readUrl({ url: stored.url, allowHttp: stored.allowHttp || isSet(allowHttp) });
    },
    async token() {
      if (options.token !== undefined) return checkToken(options.token);
      const stored = pairing();
      if (stored === undefined) throw new CommandError(NOT_PAIRED, EXIT.usage);
      return store.readToken(stored);
    },
  };
}

export const NOT_PAIRED =
  'This Mac is not paired with a broker yet. Beside the broker `npx homing pair +1…` prints a setup link; here run ' +
  `${PAIR_COMMAND} (or give --url and --token, HOMING_RELAY_URL and HOMING_RELAY_TOKEN).`;

/**
 * What variables say, before a command's action: an empty one counts as not set, and a flag's 0 as no. Commander
 * takes the presence of a flag's variable for yes.
 */
export function readVariables(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.envVar === undefined || command.getOptionValueSource(name) !== 'env') continue;
    const value = process.env[option.envVar];
    if (value === '') command.setOptionValueWithSource(name, option.defaultValue, 'default');
    else if (option.isBoolean()) command.setOptionValueWithSource(name, value, 'env');
  }
}

/** A flag that is also a variable: `--allow-http`, or 1 in the environment. */
export function isSet(given: string | boolean | undefined): boolean {
  return given === true || given === '1' || given === 'true';
}

/** @throws CommandError where there is no macOS and nobody asked for it all the same. */
export function refuseOtherOs({ allowOtherOs }: Pick<MacOptions, 'allowOtherOs'>): void {
  if (process.platform === 'darwin' || isSet(allowOtherOs)) return;
  throw new CommandError(
    'The relay agent sends through Messages, which needs macOS. Start it on the Mac; HOMING_RELAY_ALLOW_OTHER_OS=1 ' +
      'starts it here all the same.',
  );
}

/** The broker's address without a slash at its end. @throws CommandError */
export function readUrl({ url, allowHttp }: { url: string; allowHttp?: string | boolean }): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`--url was given '${url}'; it takes https:// and an address.`, EXIT.usage);
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !isSet(allowHttp) && !isLocal(hostname)) {
    throw new CommandError(
      `--url was given '${url}'; over http the token and every text could be read on the way. Use https://, or ` +
        'say --allow-http (HOMING_RELAY_ALLOW_HTTP=1) where the network between is your own.',
      EXIT.usage,
    );
  }
  return url.replace(/\/+$/, '');
}

function isLocal(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
