/** `homing messages`: the newest messages; with `--follow` new ones as they come and change. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, worldNamed } from '../../broker/core/accounts/keys.ts';
import type { Message } from '../../broker/core/messages/messages.ts';
import type { Queries } from '../../broker/core/store-port.ts';
import { readId } from '../../shared/ids.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { messageJson, messageLine } from '../message-output.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface MessagesOptions extends OutputOptions {
  account: string;
  environment: string;
  limit: string;
  follow?: boolean;
}

const LOOK_MS = 300;
const PAGE = 100;
/** How many messages are watched for changes while following. */
const WATCHED_MAX = 500;

export function messagesCommand(): Command {
  const command = new Command('messages')
    .description('Show the newest messages, oldest first; or one message, step by step.')
    .argument('[id]', 'a msg_… id: shows what happened to this message')
    .option('--account <slug>', 'the account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'its live side or its sandbox', 'live')
    .option('--limit <count>', 'how many, 1 to 1000', '20')
    .option('--follow', 'go on and show new messages and changes until Ctrl-C')
    .option('--json', 'print JSON, one message a line');
  return addSettings(command, ['dataDir']).action(
    action(async (shownId: string | undefined, options: MessagesOptions) => {
      const environment = readEnvironment(options.environment);
      const limit = Number(options.limit);
      if (!/^\d+$/.test(options.limit) || limit < 1 || limit > 1000) {
        throw new CommandError(`--limit was given '${options.limit}'; allowed: 1 to 1000.`, EXIT.usage);
      }
      const print = (message: Message) =>
        options.json ? printJson(messageJson(message)) : printLine(messageLine(message));
      await withStore(command, async ({ store }) => {
        const world = await worldNamed(store.read, options.account, environment);
        if (shownId !== undefined) {
          await showTimeline(store.read, world.id, shownId, options);
          return;
        }
        const newest = await store.read.messages.list(world.id, { limit });
        for (const message of newest.toReversed()) print(message);
        if (newest.length === 0 && !options.json) {
          say(`No ${environment === 'test' ? 'sandbox ' : ''}messages yet.`);
        }
        if (options.follow) await follow(store.read, world.id, newest, print);
      });
    }),
  );
}

async function showTimeline(read: Queries, worldId: number, shownId: string, options: OutputOptions) {
  const id = readId('msg', shownId);
  const message = id && (await read.messages.find(worldId, id));
  if (!message)
    throw new CommandError(`There is no message ${shownId} here (--environment test: the sandbox).`);
  if (!options.json) printLine(messageLine(message));
  for (const { at, kind, status, detail } of await read.messages.timeline(message.id)) {
    const time = new Date(at).toISOString();
    if (options.json) printJson({ at: time, step: kind, status, detail });
    else
      printLine(
        `  ${time}  ${kind.replace('_', ' ')}${detail === null ? '' : `  ${JSON.stringify(detail)}`}`,
      );
  }
}

async function follow(
  read: Queries,
  worldId: number,
  newest: readonly Message[],
  print: (message: Message) => void,
): Promise<never> {
  let last = newest[0]?.id ?? '';
  const open = new Map(newest.filter(isOpen).map((message) => [message.id, message.status]));
  for (;;) {
    await wait(LOOK_MS);
    const fresh = await read.messages.list(worldId, { after: last, limit: PAGE });
    for (const message of fresh) {
      print(message);
      if (isOpen(message)) open.set(message.id, message.status);
    }
    last = fresh.at(-1)?.id ?? last;
    for (const [id, status] of open) {
      const message = await read.messages.find(worldId, id);
      if (message !== undefined && message.status !== status) {
        print(message);
        open.set(id, message.status);
      }
      if (message === undefined || !isOpen(message)) open.delete(id);
    }
    for (const id of open.keys()) if (open.size > WATCHED_MAX) open.delete(id);
  }
}

function isOpen(message: Message): boolean {
  return message.status === 'queued' || message.status === 'polling' || message.status === 'sent';
}
