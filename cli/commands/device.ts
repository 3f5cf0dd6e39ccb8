/**
 * Implements `homing device`: connects as a device that follows a script, to test the broker without a phone. It prints
 * every frame, and reports each line of standard input as an inbound text.
 */

import { randomUUID } from 'node:crypto';
import { createInterface, type Interface } from 'node:readline';
import { Command, Option } from 'commander';
import { knownCapabilities } from '../../broker/core/model/capability.ts';
import { exchangeCode, PairingRejectedError } from '../../relay-agent/setup/exchange-code.ts';
import { pollTransport } from '../../relay-agent/transport/poll-transport.ts';
import { webSocketTransport } from '../../relay-agent/transport/websocket-transport.ts';
import { CAPABILITIES } from '../../shared/capabilities.ts';
import { FAILURES } from '../../shared/failures.ts';
import { CREDIT_MAX, CREDIT_START } from '../../shared/protocol.ts';
import { checkToken, clock, stopOnSignals, throwIfEndedByBroker } from '../device/connection.ts';
import { printEventAsJson, printEventAsLine } from '../device/event-output.ts';
import { parseInboundLine } from '../device/inbound-line.ts';
import { fileJournal, JournalDamagedError, memoryJournal } from '../device/journal.ts';
import { type ScriptedDevice, scriptedDevice } from '../device/scripted-device.ts';
import { readSecretFile } from '../secret-file.ts';
import { addSettings, configOf } from '../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../terminal.ts';

interface DeviceOptions extends OutputOptions {
  token?: string;
  tokenFile?: string;
  code?: string;
  url?: string;
  carrier: string;
  delay: string;
  fail?: string;
  silent?: boolean;
  deliver: boolean;
  read?: boolean;
  echo?: boolean;
  credit: string;
  capabilities?: string;
  /** A file, or false for `--no-journal`. */
  journal: string | boolean;
  once?: string;
  platform: string;
}

const DELAY_MAX_MS = 24 * 60 * 60 * 1000;

export function deviceCommand(): Command {
  const command = new Command('device')
    .description('Connect as a device that follows a script and sends nothing, and print every frame.')
    .option('--token <token>', 'device token from `homing pair`; other users can read it with ps')
    .option('--token-file <file>', 'file with the device token')
    .option('--code <code>', 'code of a setup link, dev_…; exchanges it for the token and prints the token')
    .option('--url <url>', 'URL of the broker (default: from the settings below)')
    .option('--carrier <ws|poll>', 'transport: WebSocket or long-poll', 'ws')
    .option('--delay <ms>', `time from sending to sent or failed, 0 to ${DELAY_MAX_MS} ms`, '0')
    .option(
      '--fail <code>',
      `error code of every message: ${Object.keys(FAILURES).join(', ')} or another code`,
    )
    .option('--silent', 'accept messages without reporting on them')
    .option('--no-deliver', 'report sent messages, but not their delivery')
    .option('--read', 'report delivered messages as read')
    .option('--echo', 'reply to every message with an inbound text')
    .option(
      '--credit <count>',
      `maximum number of in-flight messages, 0 to ${CREDIT_MAX}`,
      String(CREDIT_START),
    )
    .option(
      '--capabilities <list>',
      `features beyond text and attachments, separated by commas, or none (default: all of ${CAPABILITIES.join(', ')})`,
    )
    .addOption(
      new Option('--journal <file>', 'journal of sent messages, kept over restarts').default(
        true,
        'in memory',
      ),
    )
    .option('--no-journal', 'no journal, like a phone: a redelivered message is sent again')
    .option('--once <count>', 'number of settled and acknowledged messages after which the device ends')
    .option('--platform <name>', 'platform that the device reports', 'scripted')
    .option('--json', 'JSON output, one frame per line, each with its "direction": in or out')
    .addHelpText('after', STANDARD_INPUT);
  return addSettings(command, ['publicUrl', 'host', 'port']).action(
    action(async (options: DeviceOptions) => {
      const device = await start(command, options);
      const lines = createInterface({ input: process.stdin });
      const removeHandlers = stopOnSignals(() => device.stop());
      reportLines(lines, device);
      const end = await device.ended;
      removeHandlers();
      lines.close();
      process.stdin.destroy();
      throwIfEndedByBroker(end, 'Pair the device again: npx homing pair +1…');
    }),
  );
}

const STANDARD_INPUT = `
Each line of standard input is an inbound text: "+14155550100 some text", or the JSON of an inbound item such as
{"from":"+14155550100","text":"some text"}, {"from":"+14155550100","typing":"start"} or
{"from":"+14155550100","reaction":{"of":"device-msg_…","kind":"love"}}.`;

async function start(command: Command, options: DeviceOptions): Promise<ScriptedDevice> {
  const script = {
    delayMs: readCount('--delay', options.delay, 0, DELAY_MAX_MS),
    failsWith: options.fail,
    isSilent: options.silent ?? false,
    isDelivered: options.deliver,
    isRead: options.read ?? false,
    isEchoing: options.echo ?? false,
  };
  if (script.isRead && !script.isDelivered) {
    throw new CommandError(
      '--read and --no-deliver exclude each other: a message that was read was delivered. Remove one of them.',
      EXIT.usage,
    );
  }
  const credit = readCount('--credit', options.credit, 0, CREDIT_MAX);
  const once = options.once === undefined ? undefined : readCount('--once', options.once, 1, 1_000_000_000);
  if (options.carrier !== 'ws' && options.carrier !== 'poll') {
    throw new CommandError(`--carrier was given '${options.carrier}'; allowed: ws or poll.`, EXIT.usage);
  }
  const url = readUrl(command, options.url);
  const { token, numbers } = await identify(url, options);
  return scriptedDevice({
    ...clock,
    connect:
      options.carrier === 'ws'
        ? webSocketTransport({ url, token, after: clock.after })
        : pollTransport({ url, token, ...clock }),
    script,
    journal: options.journal === false ? undefined : openJournal(options.journal),
    agent: `homing-device/${command.parent?.version() ?? 'unknown'}`,
    platform: options.platform,
    numbers,
    credit,
    capabilities: readCapabilities(options.capabilities),
    once,
    on: options.json ? printEventAsJson : printEventAsLine,
  });
}

/** Returns the given token, or exchanges the given code for a token. */
async function identify(url: string, { tokenFile, code, json, ...options }: DeviceOptions) {
  if (tokenFile === '-') {
    throw new CommandError('--token-file needs a file: standard input contains inbound texts.', EXIT.usage);
  }
  const source = tokenFile === undefined ? '--token' : '--token-file';
  const token = tokenFile === undefined ? options.token : readSecretFile(source, tokenFile);
  if (token !== undefined && code === undefined) return { token: checkToken(token, source), numbers: [] };
  if (token !== undefined || code === undefined) {
    throw new CommandError(
      'Use either --token or --code. Run npx homing pair +1… to get a token and a setup link with a code.',
      EXIT.usage,
    );
  }
  const pairing = await exchangeCode(url, code).catch((error: unknown) => {
    if (error instanceof PairingRejectedError) throw new CommandError(error.message);
    const { cause, message } = error as Error & { cause?: Error };
    throw new CommandError(
      `Cannot reach the broker at ${url}: ${cause?.message ?? message}. Check --url and that the broker is running.`,
    );
  });
  if (json) printJson(pairing);
  else {
    printLine(`Paired as ${pairing.device} for ${pairing.numbers.join(', ')}. The token is shown once:`);
    printLine(`  ${pairing.token}`);
  }
  return pairing;
}

function openJournal(file: string | boolean) {
  if (typeof file === 'boolean') return memoryJournal();
  try {
    return fileJournal(file);
  } catch (error) {
    if (error instanceof JournalDamagedError) throw new CommandError(error.message);
    throw error;
  }
}

function reportLines(lines: Interface, device: ScriptedDevice): void {
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    try {
      device.tracker.receive(parseInboundLine(line.trim(), { newGuid: randomUUID, now: () => Date.now() }));
    } catch (error) {
      printNotice(`homing: Ignored an invalid line of standard input: ${(error as Error).message}.`);
    }
  });
}

function readUrl(command: Command, given: string | undefined): string {
  const { publicUrl, host, port } = configOf(command);
  const url = given ?? publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(`--url was given '${url}'; allowed: http:// or https:// URL.`, EXIT.usage);
  }
  return url.replace(/\/+$/, '');
}

function readCapabilities(given: string | undefined): readonly string[] {
  if (given === undefined) return CAPABILITIES;
  const names = given === 'none' ? [] : given.split(',').map((name) => name.trim());
  const known = knownCapabilities(names);
  const unknown = names.find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return known;
  throw new CommandError(
    `--capabilities was given '${unknown}'; allowed: none, or some of ${CAPABILITIES.join(', ')}.`,
    EXIT.usage,
  );
}

function readCount(flag: string, given: string, min: number, max: number): number {
  const count = Number(given);
  if (/^\d+$/.test(given) && count >= min && count <= max) return count;
  throw new CommandError(`${flag} was given '${given}'; allowed: ${min} to ${max}.`, EXIT.usage);
}
