/** `homing relay`: the agent on the Mac that sends through Messages. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Agent, startAgent } from '../../relay-agent/agent.ts';
import { Journal, JournalError } from '../../relay-agent/journal.ts';
import { fallbackLink } from '../../relay-agent/link/fallback-link.ts';
import { pollLink } from '../../relay-agent/link/poll-link.ts';
import { webSocketLink } from '../../relay-agent/link/websocket-link.ts';
import { ChatDatabase, ChatDatabaseError } from '../../relay-agent/messages/chat-db.ts';
import { osascriptSender } from '../../relay-agent/messages/osascript-sender.ts';
import { CREDIT_START } from '../../shared/protocol.ts';
import { checkToken, clock, endOnSignals, refuseUnlessLeft } from '../device/connection.ts';
import { showAsJson, showComments } from '../device/event-output.ts';
import { action, CommandError, EXIT, type OutputOptions, say } from '../terminal.ts';

interface RunOptions extends OutputOptions {
  url?: string;
  token?: string;
  dataDir: string;
  chatDb: string;
  osascript: string;
  confirmSeconds: string;
  allowOtherOs?: string | boolean;
}

const CONFIRM_MAX_SECONDS = 3_600;

export function relayCommand(): Command {
  return new Command('relay')
    .description('Send through Messages on this Mac, and report what comes in.')
    .addCommand(runCommand());
}

function runCommand(): Command {
  return new Command('run')
    .description('Run the agent until it is stopped (Ctrl+C).')
    .addOption(new Option('--url <url>', 'the broker').env('HOMING_RELAY_URL'))
    .addOption(new Option('--token <token>', 'the token that `homing pair` shows').env('HOMING_RELAY_TOKEN'))
    .addOption(
      new Option('--data-dir <folder>', 'where the agent keeps its journal')
        .env('HOMING_RELAY_DATA_DIR')
        .default(join(homedir(), '.homing-relay'), '~/.homing-relay'),
    )
    .addOption(
      new Option('--chat-db <file>', 'the database of Messages')
        .env('HOMING_RELAY_CHAT_DB')
        .default(join(homedir(), 'Library/Messages/chat.db'), '~/Library/Messages/chat.db'),
    )
    .addOption(
      new Option('--osascript <program>', 'runs AppleScript')
        .env('HOMING_RELAY_OSASCRIPT')
        .default('/usr/bin/osascript'),
    )
    .addOption(
      new Option('--confirm-seconds <count>', 'how long Messages may take to show a message that was sent')
        .env('HOMING_RELAY_CONFIRM_SECONDS')
        .default('180'),
    )
    .addOption(
      new Option('--allow-other-os', 'start where there is no macOS').env('HOMING_RELAY_ALLOW_OTHER_OS'),
    )
    .option('--json', 'print every frame as JSON, one a line, each with its "direction": in or out')
    .action(
      action(async (options: RunOptions, command: Command) => {
        const agent = start(options, command);
        endOnSignals(() => agent.stop());
        refuseUnlessLeft(await agent.ended, 'Pair the Mac again: npx homing pair +1… beside the broker.');
        // A send that Messages is slow with may still run; the journal knows of it.
        process.exit(EXIT.done);
      }),
    );
}

function start(options: RunOptions, command: Command): Agent {
  const isAllowed = options.allowOtherOs === true || options.allowOtherOs === '1';
  if (process.platform !== 'darwin' && !isAllowed) {
    throw new CommandError(
      'The relay agent sends through Messages, which needs macOS. Start it on the Mac; HOMING_RELAY_ALLOW_OTHER_OS=1 ' +
        'starts it here all the same.',
    );
  }
  const url = readUrl(options.url);
  const token = readToken(options.token);
  const confirmMs = readSeconds(options.confirmSeconds) * 1000;
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  try {
    const chat = new ChatDatabase(options.chatDb);
    const journal = new Journal(join(options.dataDir, 'journal.db'));
    return startAgent({
      connect: fallbackLink({
        webSocket: webSocketLink({ url, token, after: clock.after }),
        poll: pollLink({ url, token, ...clock }),
        after: clock.after,
      }),
      journal,
      chat,
      chatFile: options.chatDb,
      sender: osascriptSender(options.osascript),
      agent: `homing-relay/${command.parent?.parent?.version() ?? 'unknown'}`,
      platform: process.platform === 'darwin' ? 'macos' : process.platform,
      credit: CREDIT_START,
      confirmMs,
      on: (event) => {
        if (options.json) showAsJson(event);
        else showComments(event);
        if (event.type === 'frame' && event.frame.type === 'welcome') {
          say(`homing: Connected to ${url}; sending through Messages. Ctrl+C stops.`);
        }
      },
      onProblem: (problem, message) =>
        say(`homing: ${message === undefined ? '' : `${message}: `}${problem}`),
      ...clock,
    });
  } catch (error) {
    if (error instanceof ChatDatabaseError || error instanceof JournalError) {
      throw new CommandError(error.message);
    }
    throw error;
  }
}

function readUrl(given: string | undefined): string {
  if (given === undefined) {
    throw new CommandError('Say where the broker is: --url https://… or HOMING_RELAY_URL.', EXIT.usage);
  }
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new CommandError(`--url was given '${given}'; it takes https:// and an address.`, EXIT.usage);
  }
  const { protocol, hostname } = new URL(given);
  if (protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) {
    throw new CommandError(
      `--url was given '${given}'; over http the token and every text could be read on the way. Use https://.`,
      EXIT.usage,
    );
  }
  return given.replace(/\/+$/, '');
}

function readToken(given: string | undefined): string {
  if (given === undefined) {
    throw new CommandError(
      'Give the token that `npx homing pair +1…` shows: --token dev_… or HOMING_RELAY_TOKEN.',
      EXIT.usage,
    );
  }
  return checkToken(given);
}

function readSeconds(given: string): number {
  const seconds = Number(given);
  if (/^\d+$/.test(given) && seconds >= 1 && seconds <= CONFIRM_MAX_SECONDS) return seconds;
  throw new CommandError(
    `--confirm-seconds was given '${given}'; allowed: 1 to ${CONFIRM_MAX_SECONDS}.`,
    EXIT.usage,
  );
}
