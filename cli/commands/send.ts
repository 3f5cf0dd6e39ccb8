/** `homing send`: puts a message into the queue; with `--watch` follows it until it is delivered or failed. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { pricesOf } from '../../broker/config.ts';
import { DEFAULT_ACCOUNT, worldNamed } from '../../broker/core/accounts/keys.ts';
import { planNamed } from '../../broker/core/accounts/plans.ts';
import { CONTENT_MAX_CHARACTERS, type Message } from '../../broker/core/messages/messages.ts';
import { acceptMessage } from '../../broker/core/messages/send.ts';
import { SANDBOX_RULES } from '../../broker/core/sandbox/sandbox-rules.ts';
import type { Queries } from '../../broker/core/store-port.ts';
import { showId } from '../../shared/ids.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { messageJson, messageLine } from '../message-output.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface SendOptions extends OutputOptions {
  from?: string;
  account: string;
  environment: string;
  watch?: boolean;
}

const LOOK_MS = 200;

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send a message. It goes out when the number’s device is connected.')
    .argument('<to>', 'the recipient in E.164 format, such as +14155550100')
    .argument('<text>', 'what to send')
    .option('--from <number>', 'your number; may be left out when the account has just one')
    .option('--account <slug>', 'the account it is sent for', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'live, or test for the sandbox', 'live')
    .option('--watch', 'wait and show each step until it is delivered or failed (Ctrl-C stops watching)')
    .option('--json', 'print JSON, one value a step');
  return addSettings(command, ['dataDir', 'messageTtlHours', 'plansFile']).action(
    action(async (to: string, text: string, options: SendOptions) => {
      const environment = readEnvironment(options.environment);
      checkInput(to, options.from, text);
      await withStore(command, async ({ store, config, plans, keyMaker }) => {
        const world = await worldNamed(store.read, options.account, environment);
        const from =
          options.from ?? (environment === 'live' ? await onlyNumber(store.read, world.id) : undefined);
        const { message } = await store.transaction((tx) =>
          acceptMessage(
            tx,
            { kind: 'operator', world },
            planNamed(plans, world.plan),
            { to, from, content: text, media: [], service: 'auto' },
            {
              ids: keyMaker.ids,
              now: keyMaker.now,
              messageTtlMs: config.messageTtlHours * 3_600_000,
              sandbox: SANDBOX_RULES,
              prices: pricesOf(config),
              countSegments,
              secrets: keyMaker.secrets,
            },
          ),
        );
        const print = (current: Message) =>
          options.json ? printJson(messageJson(current)) : printLine(messageLine(current));
        print(message);
        if (!options.watch) {
          if (!options.json)
            say(`Queued. Follow it with: npx homing messages --follow   (${showId('msg', message.id)})`);
          return;
        }
        const last = await watch(store.read, message, print);
        if (last.status === 'failed') process.exitCode = EXIT.failed;
      });
    }),
  );
}

function checkInput(to: string, from: string | undefined, text: string): void {
  for (const [name, number] of [
    ['<to>', to],
    ['--from', from],
  ]) {
    if (number !== undefined && !isPhoneNumber(number)) {
      throw new CommandError(
        `${name} was given '${number}'; it takes a number such as +14155550100.`,
        EXIT.usage,
      );
    }
  }
  const length = [...text].length;
  if (length === 0 || length > CONTENT_MAX_CHARACTERS) {
    throw new CommandError(`The text must be 1 to ${CONTENT_MAX_CHARACTERS} characters.`, EXIT.usage);
  }
}

async function onlyNumber(read: Queries, worldId: number): Promise<string> {
  const numbers = await read.numbers.overview(worldId, '');
  if (numbers.length === 1) return numbers[0]!.phoneNumber;
  throw new CommandError(
    numbers.length === 0
      ? 'This account has no number yet. Pair a device first: npx homing pair +1… (or try --environment test)'
      : `Say which number to send from with --from: ${numbers.map(({ phoneNumber }) => phoneNumber).join(', ')}`,
    EXIT.usage,
  );
}

async function watch(read: Queries, message: Message, print: (message: Message) => void): Promise<Message> {
  let current = message;
  while (current.status !== 'delivered' && current.status !== 'failed') {
    await wait(LOOK_MS);
    const found = await read.messages.find(message.worldId, message.id);
    if (found === undefined) throw new CommandError('The message is gone: its history was deleted.');
    if (found.status !== current.status) print(found);
    current = found;
  }
  return current;
}
