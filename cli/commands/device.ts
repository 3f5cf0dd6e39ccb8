/**
 * `homing device`: connects as a device that follows a script, to try the broker without a phone. It prints
 * every frame; lines of its standard input become texts that came in.
 */
import { randomUUID } from 'node:crypto';
import { createInterface, type Interface } from 'node:readline';
import { Command } from 'commander';
import { exchangeCode, PairingRejectedError } from '../../relay-agent/setup/exchange-code.ts';
import { pollTransport } from '../../relay-agent/transport/poll-transport.ts';
import { webSocketTransport } from '../../relay-agent/transport/websocket-transport.ts';
import { FAILURES } from '../../shared/failures.ts';
import { CREDIT_MAX, CREDIT_START } from '../../shared/protocol.ts';
import { checkToken, clock, endOnSignals, refuseUnlessLeft } from '../device/connection.ts';
import { showAsJson, showAsLines } from '../device/event-output.ts';
import { fileJournal, JournalDamagedError, memoryJournal } from '../device/journal.ts';
import { type ScriptedDevice, scriptedDevice } from '../device/scripted-device.ts';
import { readTypedText } from '../device/typed-text.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface DeviceOptions extends OutputOptions {
  token?: string;
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
  /** A file, or false for `--no-journal`. */
  journal: string | boolean;
  once?: string;
  platform: string;
}

const DELAY_MAX_MS = 24 * 60 * 60 * 1000;

export function deviceCommand(): Command {
  const command = new Command('device')
    .description('Connect as a device that follows a script and sends nothing; print every frame.')
    .option('--token <token>', 'the device token that `homing pair` shows')
    .option('--code <code>', 'the dev_… of a setup link; it is exchanged for the token, which is printed')
    .option('--url <url>', 'the broker (default: from the settings below)')
    .option('--carrier <ws|poll>', 'WebSocket or long-poll', 'ws')
    .option('--delay <ms>', 'from sending to sent (or failed)', '0')
    .option('--fail <code>', `fail every message: ${Object.keys(FAILURES).join(', ')} or your own`)
    .option('--silent', 'take messages and never report on them')
    .option('--no-deliver', 'report what was sent, and never that it was delivered')
    .option('--read', 'report everything as read, too')
    .option('--echo', 'answer every message with an inbound text')
    .option(
      '--credit <count>',
      `how many messages it holds at most, 0 to ${CREDIT_MAX}`,
      String(CREDIT_START),
    )
    .option(
      '--journal <file>',
      'remember what was sent in this file, over restarts (default: in memory)',
      true,
    )
    .option('--no-journal', 'remember nothing, like a phone: what is given twice is sent twice')
    .option('--once <count>', 'end when this many messages are settled and acknowledged')
    .option('--platform <name>', 'what it says it is', 'scripted')
    .option('--json', 'print JSON, one frame a line, each with its "direction": in or out')
    .addHelpText('after', STANDARD_INPUT);
  return addSettings(command, ['publicUrl', 'host', 'port']).action(
    action(async (options: DeviceOptions) => {
      const device = await start(command, options);
      const lines = createInterface({ input: process.stdin });
      const unhook = endOnSignals(() => device.stop());
      readTexts(lines, device);
      const end = await device.ended;
      unhook();
      lines.close();
      process.stdin.destroy();
      refuseUnlessLeft(end, 'Pair the device again: npx homing pair +1…');
    }),
  );
}

const STANDARD_INPUT = `
Each line of standard input is a text that came in: "+14155550100 some text", or the JSON of an inbound item
such as {"from":"+14155550100","text":"some text"}.`;

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
      '--read and --no-deliver exclude each other: what is read was delivered.',
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
    once,
    on: options.json ? showAsJson : showAsLines,
  });
}

async function identify(url: string, { token, code, json }: DeviceOptions) {
  if ((token === undefined) === (code === undefined)) {
    throw new CommandError(
      'Give either --token, which `npx homing pair +1…` shows, or --code from a setup link.',
      EXIT.usage,
    );
  }
  if (token !== undefined) {
    return { token: checkToken(token), numbers: [] };
  }
  const pairing = await exchangeCode(url, code!).catch((error: unknown) => {
    if (error instanceof PairingRejectedError) throw new CommandError(error.message);
    const { cause, message } = error as Error & { cause?: Error };
    throw new CommandError(`The broker at ${url} can't be reached: ${cause?.message ?? message}.`);
  });
  if (json) printJson(pairing);
  else {
    printLine(`Paired as ${pairing.device}, for ${pairing.numbers.join(', ')}. Its token, shown this once:`);
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

function readTexts(lines: Interface, device: ScriptedDevice): void {
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    try {
      device.tracker.receive(readTypedText(line.trim(), { newGuid: randomUUID, now: () => Date.now() }));
    } catch (error) {
      say(`homing: A line of standard input was not understood: ${(error as Error).message}.`);
    }
  });
}

function readUrl(command: Command, given: string | undefined): string {
  const { publicUrl, host, port } = configOf(command);
  const url = given ?? publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CommandError(
      `--url was given '${url}'; it takes http:// or https:// and an address.`,
      EXIT.usage,
    );
  }
  return url.replace(/\/+$/, '');
}

function readCount(flag: string, given: string, min: number, max: number): number {
  const count = Number(given);
  if (/^\d+$/.test(given) && count >= min && count <= max) return count;
  throw new CommandError(`${flag} was given '${given}'; allowed: ${min} to ${max}.`, EXIT.usage);
}
