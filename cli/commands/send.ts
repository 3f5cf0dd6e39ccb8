/** Implements `homing send`: queues a message, and with `--watch` follows it until it is delivered or failed. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { CONTENT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { type MessageOutput, messageLine } from '../message-output.ts';
import type { MessageSource } from '../messages/message-source.ts';
import { addMessageSourceOptions, withMessageSource } from '../messages/message-source-options.ts';
import { addSettings } from '../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../terminal.ts';

interface SendOptions extends OutputOptions {
  from?: string;
  watch?: boolean;
}

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Queue a message. The device of the number sends it as soon as it is connected.')
    .argument('<to>', 'recipient in E.164 format, such as +14155550100')
    .argument('<text>', 'text of the message')
    .option('--from <number>', 'your number that sends (default: the only number of the account)')
    .option('--watch', 'print every status until the message is delivered or failed (Ctrl-C stops watching)')
    .option('--json', 'JSON output, one line per status');
  return addSettings(addMessageSourceOptions(command), ['dataDir', 'messageTtlHours', 'plansFile']).action(
    action(async (to: string, text: string, { from, watch, json }: SendOptions) => {
      checkInput(to, from, text);
      await withMessageSource(command, async (source) => {
        const print = (current: MessageOutput) =>
          json ? printJson(current) : printLine(messageLine(current));
        const sent = await source.send({ to, from, content: text });
        print(sent);
        if (!watch) {
          if (!json) printNotice(`Queued ${sent.id}. Follow its status with: npx homing messages --follow`);
          return;
        }
        const last = await follow(source, sent, print);
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
        `${name} was given '${number}'; allowed: a number in E.164 format, such as +14155550100.`,
        EXIT.usage,
      );
    }
  }
  const length = [...text].length;
  if (length === 0 || length > CONTENT_MAX_CHARACTERS) {
    throw new CommandError(
      `<text> has ${length} characters; allowed: 1 to ${CONTENT_MAX_CHARACTERS}.`,
      EXIT.usage,
    );
  }
}

async function follow(
  source: MessageSource,
  sent: MessageOutput,
  print: (message: MessageOutput) => void,
): Promise<MessageOutput> {
  let current = sent;
  while (current.status !== 'delivered' && current.status !== 'failed') {
    await wait(source.pollIntervalMs);
    const found = await source.find(sent.id);
    if (found === undefined)
      throw new CommandError(`Message ${sent.id} was deleted, so its status is unknown.`);
    if (found.status !== current.status) print(found);
    current = found;
  }
  return current;
}
