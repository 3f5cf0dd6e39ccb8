/** `homing messages`: the newest messages; with `--follow` new ones as they come and change. */
import { Command } from 'commander';
import { messageLine, type ShownMessage } from '../message-output.ts';
import { addPlace, withMessages } from '../messages/open-messages.ts';
import type { MessageSource } from '../messages/source.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface MessagesOptions extends OutputOptions {
  limit: string;
  follow?: boolean;
}

export function messagesCommand(): Command {
  const command = new Command('messages')
    .description('Show the newest messages, oldest first; or one message, step by step.')
    .argument('[id]', 'a msg_… id: shows what happened to this message')
    .option('--limit <count>', 'how many, 1 to 1000', '20')
    .option('--follow', 'go on and show new messages and changes until Ctrl-C')
    .option('--json', 'print JSON, one message a line');
  return addSettings(addPlace(command), ['dataDir']).action(
    action(async (shownId: string | undefined, options: MessagesOptions) => {
      const limit = Number(options.limit);
      if (!/^\d+$/.test(options.limit) || limit < 1 || limit > 1000) {
        throw new CommandError(`--limit was given '${options.limit}'; allowed: 1 to 1000.`, EXIT.usage);
      }
      const print = (message: ShownMessage) =>
        options.json ? printJson(message) : printLine(messageLine(message));
      await withMessages(command, async (messages) => {
        if (shownId !== undefined) {
          await showSteps(messages, shownId, options);
          return;
        }
        const newest = await messages.newest(limit);
        for (const message of newest.toReversed()) print(message);
        if (newest.length === 0 && !options.json) say(messages.emptyWords);
        if (options.follow) for await (const message of messages.follow(newest)) print(message);
      });
    }),
  );
}

async function showSteps(messages: MessageSource, shownId: string, { json }: OutputOptions): Promise<void> {
  const message = await messages.find(shownId);
  if (message === undefined) {
    throw new CommandError(`There is no message ${shownId} here. ${messages.elsewhere}`);
  }
  if (!json) printLine(messageLine(message));
  for (const shown of await messages.stepsOf(message)) {
    const { at, step, detail } = shown;
    if (json) printJson(shown);
    else {
      const said = detail === null ? '' : `  ${JSON.stringify(detail)}`;
      printLine(`  ${at ?? 'at some time'}  ${step.replace('_', ' ')}${said}`);
    }
  }
}
