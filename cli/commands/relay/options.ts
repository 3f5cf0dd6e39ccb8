/** What the commands of the relay agent take alike: where the broker is, where things are on the Mac. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { checkToken } from '../../device/connection.ts';
import { CommandError, EXIT } from '../../terminal.ts';

export interface BrokerOptions {
  url?: string;
  token?: string;
  caFile?: string;
  allowHttp?: string | boolean;
}

export interface MacOptions {
  dataDir: string;
  chatDb: string;
  osascript: string;
  allowOtherOs?: string | boolean;
}

export function addBrokerOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'the broker').env('HOMING_RELAY_URL'))
    .addOption(new Option('--token <token>', 'the token that `homing pair` shows').env('HOMING_RELAY_TOKEN'))
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

export function addMacOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <folder>', 'where the agent keeps its journal')
        .env('HOMING_RELAY_DATA_DIR')
        .default(join(homedir(), '.homing-relay'), '~/.homing-relay'),
    )
    .addOption(
      new Option('--chat-db <file>', 'the database of Messages')
        .env('HOMING_RELAY_CHAT_DB')
        .default(join(homedir(), 'Library/Messages/chat.db'), '~/Library/Messages/chat.db'),
    )
    .addOption(
      new Option('--osascript <program>', 'runs AppleScript')
        .env('HOMING_RELAY_OSASCRIPT')
        .default('/usr/bin/osascript'),
    )
    .addOption(
      new Option('--allow-other-os', 'start where there is no macOS').env('HOMING_RELAY_ALLOW_OTHER_OS'),
    );
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
export function readUrl({ url, allowHttp }: Pick<BrokerOptions, 'url' | 'allowHttp'>): string {
  if (url === undefined) {
    throw new CommandError('Say where the broker is: --url https://… or HOMING_RELAY_URL.', EXIT.usage);
  }
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

/** @throws CommandError */
export function readToken({ token }: Pick<BrokerOptions, 'token'>): string {
  if (token === undefined) {
    throw new CommandError(
      'Give the token that `npx homing pair +1…` shows: --token dev_… or HOMING_RELAY_TOKEN.',
      EXIT.usage,
    );
  }
  return checkToken(token);
}

function isLocal(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
