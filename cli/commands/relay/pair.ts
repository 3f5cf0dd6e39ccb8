/** Implements `homing relay pair`: pairs this Mac with a broker, and stores the pairing and the token. */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { explain, probeToken } from '../../../relay-agent/setup/broker-probe.ts';
import {
  exchangeCode,
  type Pairing,
  PairingRejectedError,
} from '../../../relay-agent/setup/exchange-code.ts';
import type { PairingStore, StoredPairing } from '../../../relay-agent/setup/pairing-store.ts';
import { readPairingCode } from '../../../relay-agent/setup/setup-link.ts';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, givenToken, readUrl } from './broker-options.ts';
import {
  addOtherOsOption,
  addServiceOptions,
  addStoreOptions,
  assertMacOs,
  type MacOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  storeOf,
} from './mac-options.ts';
import { isSet, relayAction } from './relay-action.ts';
import { trustCertificates } from './trust.ts';

interface PairOptions extends OutputOptions, BrokerOptions, StoreOptions, ServiceOptions {
  allowOtherOs?: MacOptions['allowOtherOs'];
  number: string[];
  keychain: boolean;
  force?: boolean;
}

/** Credential for the pairing: a one-time code, or an existing token. */
type Credential = { url: string } & ({ code: string } | { token: string });

export function pairCommand(): Command {
  const command = new Command('pair')
    .description(
      'Pair this Mac with a broker. `npx homing pair +1…` on the machine of the broker prints the setup link.',
    )
    .argument('[setup link]', 'setup link in quotes, or its code (dev_…) with --url')
    .addOption(
      new Option('--number <number>', 'number of the token in E.164 format, only with a token; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--no-keychain', 'store the token in a file of the data folder instead of the keychain')
    .option('--force', 'replace the pairing with another broker')
    .option('--json', 'JSON output');
  for (const add of [addBrokerOptions, addStoreOptions, addServiceOptions, addOtherOsOption]) add(command);
  return command.action(
    relayAction(async (given: string | undefined, options: PairOptions) => {
      assertMacOs(options);
      const credential = readCredential(given, options);
      trustCertificates(options.caFile);
      const store = storeOf(options);
      const previous = previousPairing(store, credential.url, options.force ?? false);
      // A failure here must not use up the code.
      store.prepare();
      const { device, numbers, token } =
        'code' in credential
          ? await exchange(credential.url, credential.code)
          : await verifyToken(credential, options.number);
      const { pairing, keychainProblem } = await store.save(
        {
          url: credential.url,
          device,
          numbers,
          keychainAccount: device ?? new URL(credential.url).host,
          caFile: options.caFile ? resolve(options.caFile) : null,
          allowHttp: isSet(options.allowHttp),
          pairedAt: Date.now(),
        },
        token,
        options.keychain,
      );
      const isRestarted = await serviceOf(options).restart();
      if (options.json) {
        printJson({
          broker: pairing.url,
          device: pairing.device,
          numbers: pairing.numbers,
          token_in: pairing.tokenIn,
          data_dir: resolve(options.dataDir),
          agent_restarted: isRestarted,
        });
        return;
      }
      printResult(pairing, previous, options, keychainProblem, isRestarted);
    }),
  );
}

function collect(value: string, values: string[]): string[] {
  return [...values, value];
}

function readCredential(given: string | undefined, options: PairOptions): Credential {
  for (const number of options.number) {
    if (!isPhoneNumber(number)) {
      throw new CommandError(
        `--number was given '${number}'; allowed: a number in E.164 format, such as +14155550199.`,
        EXIT.usage,
      );
    }
  }
  if (given !== undefined) {
    if (options.tokenFile !== undefined)
      throw new CommandError(
        'A setup link and --token-file exclude each other. Remove one of them.',
        EXIT.usage,
      );
    if (options.number.length > 0) {
      throw new CommandError(
        '--number requires --token-file: a setup link already contains the number. Remove --number.',
        EXIT.usage,
      );
    }
    const { code, url } = readPairingCode(given);
    return { url: brokerUrlOf(options, url), code };
  }
  const token = givenToken(options);
  if (token === undefined) {
    throw new CommandError(
      "The setup link is missing. Run `npx homing pair +1…` on the machine of the broker, then npx homing relay pair 'https://…' here.",
      EXIT.usage,
    );
  }
  return { url: brokerUrlOf(options, undefined), token };
}

function brokerUrlOf({ url, allowHttp }: PairOptions, linkUrl: string | undefined): string {
  const brokerUrl = url ?? linkUrl;
  if (brokerUrl !== undefined)
    return readUrl({ url: brokerUrl, ...(allowHttp === undefined ? {} : { allowHttp }) });
  throw new CommandError(
    'The URL of the broker is missing. Add --url https://…, or use the whole setup link instead of its code.',
    EXIT.usage,
  );
}

/** Returns the existing pairing. @throws CommandError if it is with another broker and `--force` is not set. */
function previousPairing(store: PairingStore, url: string, isForced: boolean): StoredPairing | undefined {
  if (isForced) return undefined;
  const previous = store.read();
  if (previous === undefined || previous.url === url) return previous;
  throw new CommandError(
    `This Mac is already paired with ${previous.url}${previous.numbers.length > 0 ? ` for ${previous.numbers.join(', ')}` : ''}. ` +
      `To replace that pairing with ${url}, add --force. Nothing was changed, and the code is still valid.`,
  );
}

async function exchange(url: string, code: string): Promise<Pairing> {
  try {
    return await exchangeCode(url, code);
  } catch (error) {
    if (!(error instanceof PairingRejectedError)) {
      const { problem, steps } = explain(url, error as Error);
      throw new CommandError(`${problem}. ${steps.join(' ')} The code is still valid.`);
    }
    throw new CommandError(
      `${error.message} Check that ${url} is the broker of the link, and create a new link on the machine of the broker ` +
        '(npx homing pair +1…). If the argument is a device token instead of a code, use --token-file.',
    );
  }
}

async function verifyToken(
  { url, token }: { url: string; token: string },
  numbers: string[],
): Promise<{ device: null; numbers: string[]; token: string }> {
  const result = await probeToken(url, token);
  if (result === 'accepted') return { device: null, numbers, token };
  if (result === 'rejected') {
    throw new CommandError(
      `The broker at ${url} rejects this token: it is unknown, revoked or replaced by a newer token. Create a new token ` +
        'on the machine of the broker with npx homing pair +1….',
    );
  }
  throw new CommandError(`${result.problem}. ${result.steps.join(' ')}`);
}

function printResult(
  pairing: StoredPairing,
  previous: StoredPairing | undefined,
  { dataDir, keychain }: PairOptions,
  keychainProblem: string | undefined,
  isRestarted: boolean,
): void {
  const numbers = pairing.numbers.length > 0 ? ` for ${pairing.numbers.join(', ')}` : '';
  printLine(`This Mac is paired with ${pairing.url}${numbers}.`);
  if (previous !== undefined && previous.device !== pairing.device) {
    printLine(
      `It was another device of this broker before (${[previous.device, ...previous.numbers].filter(Boolean).join(', ')}).`,
    );
  }
  if (pairing.tokenIn === 'keychain') {
    printLine(`The token is in the keychain (homing-relay, ${pairing.keychainAccount}).`);
  } else {
    if (keychain) printNotice(`homing: Cannot store the token in the keychain: ${keychainProblem}.`);
    printLine(`The token is in the file ${resolve(dataDir, 'token')}, which only you can read.`);
  }
  if (isRestarted) {
    printLine('The installed agent was restarted and uses this pairing.');
    return;
  }
  printLine();
  printLine('Next, check the requirements of the agent, and start it at login:');
  printLine('  npx homing relay doctor');
  printLine('  npx homing relay install');
}
