/** Implements `homing conversations`: lists the conversations, or shows the messages of one. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../account-source.ts';
import type { ConversationOutput, ConversationSource } from '../conversations/conversation-source.ts';
import { localConversations } from '../conversations/local-conversations.ts';
import { remoteConversations } from '../conversations/remote-conversations.ts';
import { threadLines, titleOf } from '../conversations/thread-output.ts';
import { oneLine } from '../message-output.ts';
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
  printTable,
} from '../terminal.ts';

interface ConversationsOptions extends OutputOptions {
  limit: string;
  unread?: boolean;
}

const LIMIT_MAX = 1_000;
/** Maximum characters of the latest text in the table. */
const TEXT_MAX = 40;

export function conversationsCommand(): Command {
  const command = new Command('conversations')
    .description('List the conversations, latest activity first, or show the messages of one, oldest first.')
    .argument('[id]', 'id of a conversation, conv_…; shows its messages, reactions and group changes')
    .option('--limit <count>', 'maximum number of conversations or messages, 1 to 1000', '20')
    .option('--unread', 'only conversations with unread messages')
    .option('--json', 'JSON output: one conversation per line, or one object with its messages');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (id: string | undefined, { limit: given, unread = false, json }: ConversationsOptions) => {
      const limit = readLimit(given, LIMIT_MAX);
      const sources = { local: localConversations, remote: remoteConversations };
      await withAccount(command, sources, async (source) => {
        if (id !== undefined) await printThread(source, id, limit, json);
        else await printList(source, await source.list(limit, unread), json);
      });
    }),
  );
}

async function printThread(source: ConversationSource, id: string, limit: number, json?: boolean) {
  const thread = await source.read(id, limit);
  if (thread === undefined) {
    throw new CommandError(
      `Conversation ${id} not found. List the conversations with: npx homing conversations`,
    );
  }
  if (json) printJson(thread);
  else for (const line of await threadLines(thread, source.nameOf)) printLine(line);
}

async function printList(
  { nameOf }: ConversationSource,
  conversations: readonly ConversationOutput[],
  json?: boolean,
) {
  if (json) {
    for (const conversation of conversations) printJson(conversation);
    return;
  }
  if (conversations.length === 0) {
    printNotice('There are no conversations. Send a message with: npx homing send');
    return;
  }
  const rows = await Promise.all(
    conversations.map(async (conversation) => [
      conversation.id,
      await titleOf(conversation, nameOf),
      String(conversation.unread_count),
      ...latestCells(conversation),
    ]),
  );
  printTable(['CONVERSATION', 'WITH', 'UNREAD', 'AT', 'LATEST'], rows);
}

function latestCells({ latest_message: latest }: ConversationOutput): [string, string] {
  if (latest === null) return ['-', '-'];
  const characters = [...oneLine(latest.content)];
  const text =
    characters.length > TEXT_MAX ? `${characters.slice(0, TEXT_MAX).join('')}…` : characters.join('');
  return [localTime(latest.created_at), text];
}
