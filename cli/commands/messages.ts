/** Implements `homing messages`: lists the newest messages, follows changes, or shows the steps of one message. */
import { Command } from 'commander';
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

interface MessagesOptions extends OutputOptions {
  limit: string;
  follow?: boolean;
}

export function messagesCommand(): Command {
  const command = new Command('messages')
    .description('List the newest messages, oldest first, or show the steps of one message.')
    .argument('[id]', 'id of a message, msg_…; shows its steps')
    .option('--limit <count>', 'maximum number of messages, 1 to 1000', '20')
    .option('--follow', 'continue with new messages and changes until Ctrl-C')
    .option('--json', 'JSON output, one message per line');
  return addSettings(addMessageSourceOptions(command), ['dataDir']).action(
    action(async (shownId: string | undefined, options: MessagesOptions) => {
      const limit = Number(options.limit);
      if (!/^\d+$/.test(options.limit) || limit < 1 || limit > 1000) {
        throw new CommandError(`--limit was given '${options.limit}'; allowed: 1 to 1000.`, EXIT.usage);
      }
      const print = (message: MessageOutput) =>
        options.json ? printJson(message) : printLine(messageLine(message));
      await withMessageSource(command, async (source) => {
        if (shownId !== undefined) {
          await printSteps(source, shownId, options);
          return;
        }
        const newest = await source.newest(limit);
        for (const message of newest.toReversed()) print(message);
        if (newest.length === 0 && !options.json) printNotice(source.emptyNotice);
        if (options.follow) for await (const message of source.follow(newest)) print(message);
      });
    }),
  );
}

async function printSteps(source: MessageSource, shownId: string, { json }: OutputOptions): Promise<void> {
  const message = await source.find(shownId);
  if (message === undefined) {
    throw new CommandError(`Message ${shownId} not found. ${source.notFoundHint}`);
  }
  if (!json) printLine(messageLine(message));
  for (const output of await source.stepsOf(message)) {
    const { at, step, detail } = output;
    if (json) printJson(output);
    else {
      const suffix = detail === null ? '' : `  ${JSON.stringify(detail)}`;
      printLine(`  ${at ?? 'unknown time'}  ${step.replace('_', ' ')}${suffix}`);
    }
  }
}
