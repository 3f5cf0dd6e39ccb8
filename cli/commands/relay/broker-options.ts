/** Adds the options of the broker to relay commands, and resolves its URL and token. */
import { type Command, Option } from 'commander';
import type { StoredPairing } from '../../../relay-agent/setup/pairing-store.ts';
import { PAIR_COMMAND } from '../../../relay-agent/setup/setup-link.ts';
import { checkToken } from '../../device/connection.ts';
import { readSecretFile } from '../../secret-file.ts';
import { CommandError, EXIT } from '../../terminal.ts';
import { type StoreOptions, storeOf } from './mac-options.ts';
import { isSet } from './relay-action.ts';
import { trustCertificates } from './trust.ts';

export interface BrokerOptions {
  url?: string;
  tokenFile?: string;
  caFile?: string;
  allowHttp?: string | boolean;
}

export function addBrokerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'URL of the broker (default: from the pairing)').env('HOMING_RELAY_URL'),
    )
    .addOption(
      new Option(
        '--token-file <file>',
        'file with the device token from `homing pair`; - is standard input (default: HOMING_RELAY_TOKEN, or from the pairing)',
      ),
    )
    .addOption(
      new Option('--ca-file <file>', 'additional trusted certificates for the broker, in PEM format').env(
        'HOMING_RELAY_CA_FILE',
      ),
    )
    .addOption(
      new Option('--allow-http', 'allow unencrypted http:// to other machines').env(
        'HOMING_RELAY_ALLOW_HTTP',
      ),
    );
}

export const NOT_PAIRED =
  'This Mac is not paired with a broker. Run `npx homing pair +1…` on the machine of the broker to get a setup link, ' +
  `then run ${PAIR_COMMAND} here (or set HOMING_RELAY_URL and HOMING_RELAY_TOKEN).`;

export interface KnownBroker {
  /** Without a trailing slash. @throws CommandError if no URL is known. */
  url(): string;
  /** @throws CommandError, SetupError */
  token(): Promise<string>;
}

/**
 * Resolves the broker to connect to. Flags and environment variables override the values of the pairing one by one:
 * for a broker with a new URL, `--url` is enough. `url()` also trusts the configured certificates.
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
      const token = givenToken(options);
      if (token !== undefined) return token;
      const stored = pairing();
      if (stored === undefined) throw new CommandError(NOT_PAIRED, EXIT.usage);
      return store.readToken(stored);
    },
  };
}

/** Returns the token from the file or from HOMING_RELAY_TOKEN. @throws CommandError */
export function givenToken({ tokenFile }: BrokerOptions): string | undefined {
  if (tokenFile !== undefined) {
    return checkToken(readSecretFile('--token-file', tokenFile), '--token-file');
  }
  const variable = process.env.HOMING_RELAY_TOKEN;
  return variable ? checkToken(variable, 'HOMING_RELAY_TOKEN') : undefined;
}

/** Returns the URL of the broker without a trailing slash. @throws CommandError */
export function readUrl({ url, allowHttp }: { url: string; allowHttp?: string | boolean }): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`--url was given '${url}'; allowed: https:// URL.`, EXIT.usage);
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !isSet(allowHttp) && !isLocal(hostname)) {
    throw new CommandError(
      `--url was given '${url}'; http:// would send the token and every text unencrypted. Use https://, or ` +
        '--allow-http (HOMING_RELAY_ALLOW_HTTP=1) in a network that you control.',
      EXIT.usage,
    );
  }
  return url.replace(/\/+$/, '');
}

function isLocal(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
