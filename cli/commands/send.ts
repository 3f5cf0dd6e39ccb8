/** `homing send`: puts a message into the queue; with `--watch` follows it until it is delivered or failed. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { CONTENT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { messageLine, type ShownMessage } from '../message-output.ts';
import { addPlace, withMessages } from '../messages/open-messages.ts';
import type { MessageSource } from '../messages/source.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface SendOptions extends OutputOptions {
  from?: string;
  watch?: boolean;
}

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Send a message. It goes out when the number’s device is connected.')
    .argument('<to>', 'the recipient in E.164 format, such as +14155550100')
    .argument('<text>', 'what to send')
    .option('--from <number>', 'your number; may be left out when the account has just one')
    .option('--watch', 'wait and show each step until it is delivered or failed (Ctrl-C stops watching)')
    .option('--json', 'print JSON, one value a step');
  return addSettings(addPlace(command), ['dataDir', 'messageTtlHours', 'plansFile']).action(
    action(async (to: string, text: string, { from, watch, json }: SendOptions) => {
      checkInput(to, from, text);
      await withMessages(command, async (messages) => {
        const print = (current: ShownMessage) =>
          json ? printJson(current) : printLine(messageLine(current));
        const sent = await messages.send({ to, from, content: text });
        print(sent);
        if (!watch) {
          if (!json) say(`Queued. Follow it with: npx homing messages --follow   (${sent.id})`);
          return;
        }
        const last = await follow(messages, sent, print);
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

async function follow(
  messages: MessageSource,
  sent: ShownMessage,
  print: (message: ShownMessage) => void,
): Promise<ShownMessage> {
  let current = sent;
  while (current.status !== 'delivered' && current.status !== 'failed') {
    await wait(messages.lookMs);
    const found = await messages.find(sent.id);
    if (found === undefined) throw new CommandError('The message is gone: its history was deleted.');
    if (found.status !== current.status) print(found);
    current = found;
  }
  return current;
}
