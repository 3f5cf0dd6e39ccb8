/** `homing relay pair`: makes this Mac the device of a number, and keeps what it needs to connect. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { explain, probeToken } from '../../../relay-agent/setup/broker-probe.ts';
import {
  exchangeCode,
  type Pairing,
  PairingRejectedError,
} from '../../../relay-agent/setup/exchange-code.ts';
import type { PairingStore, StoredPairing } from '../../../relay-agent/setup/pairing-store.ts';
import { readPairingCode } from '../../../relay-agent/setup/setup-link.ts';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { checkToken } from '../../device/connection.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../../terminal.ts';
import {
  addBrokerOptions,
  addOtherOsOption,
  addServiceOptions,
  addStoreOptions,
  type BrokerOptions,
  isSet,
  type MacOptions,
  readUrl,
  refuseOtherOs,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  setupAction,
  storeOf,
} from './options.ts';
import { trustCertificates } from './trust.ts';

interface PairOptions extends OutputOptions, BrokerOptions, StoreOptions, ServiceOptions {
  allowOtherOs?: MacOptions['allowOtherOs'];
  number: string[];
  keychain: boolean;
  force?: boolean;
}

/** By a one-time code, or by a token that is known already. */
type Way = { url: string } & ({ code: string } | { token: string });

export function pairCommand(): Command {
  const command = new Command('pair')
    .description(
      'Pair this Mac with a broker: `npx homing pair +1…` beside the broker prints the setup link.',
    )
    .argument('[setup link]', 'the whole setup link in quotes, or its dev_… code together with --url')
    .option('--number <number>', 'with --token: a number that it is for, +1…; may be repeated', collect, [])
    .option('--no-keychain', 'keep the token in a file of the data folder instead of the keychain')
    .option('--force', 'also where this Mac is paired with another broker')
    .option('--json', 'print JSON');
  for (const add of [addBrokerOptions, addStoreOptions, addServiceOptions, addOtherOsOption]) add(command);
  return command.action(
    setupAction(async (given: string | undefined, options: PairOptions, command: Command) => {
      refuseOtherOs(options);
      const isTokenFlag = command.getOptionValueSource('token') === 'cli';
      const way = readWay(given, options, isTokenFlag);
      trustCertificates(options.caFile);
      const store = storeOf(options);
      const before = readBefore(store, way.url, options.force ?? false);
      // Before the code is spent.
      store.prepare();
      const { device, numbers, token } =
        'code' in way ? await exchange(way.url, way.code) : await accept(way, options.number);
      const { pairing, keychainProblem } = await store.save(
        {
          url: way.url,
          device,
          numbers,
          keychainAccount: device ?? new URL(way.url).host,
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
      show(pairing, before, options, keychainProblem, isRestarted);
    }),
  );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function readWay(given: string | undefined, options: PairOptions, isTokenFlag: boolean): Way {
  for (const number of options.number) {
    if (!isPhoneNumber(number)) {
      throw new CommandError(`--number was given '${number}'; it takes +14155550199.`, EXIT.usage);
    }
  }
  if (given !== undefined) {
    if (isTokenFlag) throw new CommandError('Give either a setup link or --token, not both.', EXIT.usage);
    if (options.number.length > 0) {
      throw new CommandError('--number goes with --token; a setup link tells its number.', EXIT.usage);
    }
    const { code, url } = readPairingCode(given);
    return { url: addressOf(options, url), code };
  }
  if (options.token === undefined) {
    throw new CommandError(
      "Give the setup link that `npx homing pair +1…` prints beside the broker: npx homing relay pair 'https://…'",
      EXIT.usage,
    );
  }
  return { url: addressOf(options, undefined), token: checkToken(options.token) };
}

function addressOf({ url, allowHttp }: PairOptions, linked: string | undefined): string {
  const address = url ?? linked;
  if (address !== undefined)
    return readUrl({ url: address, ...(allowHttp === undefined ? {} : { allowHttp }) });
  throw new CommandError(
    'Say where the broker is: --url https://…, or give the whole setup link instead of its code.',
    EXIT.usage,
  );
}

/** @throws CommandError where another broker would lose this Mac. */
function readBefore(store: PairingStore, url: string, isForced: boolean): StoredPairing | undefined {
  if (isForced) return undefined;
  const before = store.read();
  if (before === undefined || before.url === url) return before;
  throw new CommandError(
    `This Mac is paired with ${before.url} already${before.numbers.length > 0 ? `, for ${before.numbers.join(', ')}` : ''}. ` +
      `To leave that and pair it with ${url}, add --force. Nothing was changed, and the code is not used up.`,
  );
}

async function exchange(url: string, code: string): Promise<Pairing> {
  try {
    return await exchangeCode(url, code);
  } catch (error) {
    if (!(error instanceof PairingRejectedError)) {
      const { problem, steps } = explain(url, error as Error);
      throw new CommandError(`${problem}. ${steps.join(' ')} The code is not used up.`);
    }
    throw new CommandError(
      `${error.message} Make a new link beside the broker (npx homing pair +1…) and give that to relay pair; look ` +
        `whether ${url} is that broker. If this is a device token instead of a code, give it as --token.`,
    );
  }
}

async function accept(
  { url, token }: { url: string; token: string },
  numbers: string[],
): Promise<{ device: null; numbers: string[]; token: string }> {
  const answer = await probeToken(url, token);
  if (answer === 'accepted') return { device: null, numbers, token };
  if (answer === 'rejected') {
    throw new CommandError(
      `The broker at ${url} does not accept this token: it was revoked or replaced by a newer one, or never was ` +
        'valid. Make a new one beside the broker: npx homing pair +1…',
    );
  }
  throw new CommandError(`${answer.problem}. ${answer.steps.join(' ')}`);
}

function show(
  pairing: StoredPairing,
  before: StoredPairing | undefined,
  { dataDir, keychain }: PairOptions,
  keychainProblem: string | undefined,
  isRestarted: boolean,
): void {
  const whom = pairing.numbers.length > 0 ? ` for ${pairing.numbers.join(', ')}` : '';
  printLine(`This Mac is paired with ${pairing.url}${whom}.`);
  if (before !== undefined && before.device !== pairing.device) {
    printLine(
      `It was another device of that broker before (${[before.device, ...before.numbers].filter(Boolean).join(', ')}).`,
    );
  }
  if (pairing.tokenIn === 'keychain') {
    printLine(`Its token is in the keychain (homing-relay, ${pairing.keychainAccount}).`);
  } else {
    if (keychain) say(`homing: The keychain did not take the token: ${keychainProblem}.`);
    printLine(`Its token is in the file ${resolve(dataDir, 'token')}, which only you can read.`);
  }
  if (isRestarted) {
    printLine('The installed agent was started again and uses it now.');
    return;
  }
  printLine();
  printLine('Next: see whether this Mac has what it needs, then let the agent start at login:');
  printLine('  npx homing relay doctor');
  printLine('  npx homing relay install');
}
