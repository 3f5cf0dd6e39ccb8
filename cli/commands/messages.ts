/** Implements `homing messages`: lists the newest messages, follows changes, or shows the steps of one message. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { type MessageOutput, messageLine } from '../message-output.ts';
import { localMessages } from '../messages/local-messages.ts';
import type { MessageSource } from '../messages/message-source.ts';
import { remoteMessages } from '../messages/remote-messages.ts';
import { readLimit } from '../read-limit.ts';
import { addSettings } from '../settings-options.ts';
import {
  action,
  CommandError,
  localTime,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../terminal.ts';

interface MessagesOptions extends OutputOptions {
  limit: string;
  follow?: boolean;
}

const LIMIT_MAX = 1_000;

export function messagesCommand(): Command {
  const command = new Command('messages')
    .description('List the newest messages, oldest first, or show the steps of one message.')
    .argument('[id]', 'id of a message, msg_…; shows its steps')
    .option('--limit <count>', 'maximum number of messages, 1 to 1000', '20')
    .option('--follow', 'continue with new messages and changes until Ctrl-C')
    .option('--json', 'JSON output, one message per line');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (shownId: string | undefined, options: MessagesOptions) => {
      const limit = readLimit(options.limit, LIMIT_MAX);
      const sources = { local: localMessages, remote: remoteMessages };
      await withAccount(command, sources, async (source) => {
        const print = async (message: MessageOutput) =>
          options.json ? printJson(message) : printLine(await messageLine(message, source.nameOf));
        if (shownId !== undefined) {
          await printSteps(source, shownId, options);
          return;
        }
        const newest = await source.newest(limit);
        for (const message of newest.toReversed()) await print(message);
        if (newest.length === 0 && !options.json) printNotice(source.emptyNotice);
        if (options.follow) for await (const message of source.follow(newest)) await print(message);
      });
    }),
  );
}

async function printSteps(source: MessageSource, shownId: string, { json }: OutputOptions): Promise<void> {
  const message = await source.find(shownId);
  if (message === undefined) {
    throw new CommandError(`Message ${shownId} not found. ${source.notFoundHint}`);
  }
  if (!json) printLine(await messageLine(message, source.nameOf));
  for (const output of await source.stepsOf(message)) {
    const { at, step, detail } = output;
    if (json) printJson(output);
    else {
      const time = at === null ? 'unknown time' : localTime(at);
      printLine(`  ${time}  ${step.replaceAll('_', ' ')}${await detailText(detail, source)}`);
    }
  }
}

/** Shows the name of a device instead of its id. */
async function detailText(detail: unknown, { nameOf }: MessageSource): Promise<string> {
  if (typeof detail !== 'object' || detail === null) return '';
  const parts: string[] = [];
  for (const [name, value] of Object.entries(detail)) {
    const shown = name === 'device' ? ((await nameOf(String(value))) ?? value) : value;
    if (shown !== null) parts.push(`${name.replaceAll('_', ' ')}: ${shown}`);
  }
  return parts.length === 0 ? '' : `  ${parts.join(', ')}`;
}
