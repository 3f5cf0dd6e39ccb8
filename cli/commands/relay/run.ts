/** `homing relay run`: the agent itself. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Agent, startAgent } from '../../../relay-agent/agent.ts';
import { Journal, JournalError } from '../../../relay-agent/journal.ts';
import { fallbackLink } from '../../../relay-agent/link/fallback-link.ts';
import { pollLink } from '../../../relay-agent/link/poll-link.ts';
import { webSocketLink } from '../../../relay-agent/link/websocket-link.ts';
import { ChatDatabase, ChatDatabaseError } from '../../../relay-agent/messages/chat-db.ts';
import { osascriptSender } from '../../../relay-agent/messages/osascript-sender.ts';
import { CREDIT_START } from '../../../shared/protocol.ts';
import { clock, endOnSignals, refuseUnlessLeft } from '../../device/connection.ts';
import { showAsJson, showComments } from '../../device/event-output.ts';
import { action, CommandError, EXIT, type OutputOptions, say } from '../../terminal.ts';
import {
  addBrokerOptions,
  addMacOptions,
  type BrokerOptions,
  type MacOptions,
  readToken,
  readUrl,
  refuseOtherOs,
} from './options.ts';
import { trustCertificates } from './trust.ts';

interface RunOptions extends OutputOptions, BrokerOptions, MacOptions {
  confirmSeconds: string;
}

const CONFIRM_MAX_SECONDS = 3_600;

export function runCommand(): Command {
  const command = new Command('run').description('Run the agent until it is stopped (Ctrl+C).');
  return addMacOptions(addBrokerOptions(command))
    .addOption(
      new Option('--confirm-seconds <count>', 'how long Messages may take to show a message that was sent')
        .env('HOMING_RELAY_CONFIRM_SECONDS')
        .default('180'),
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
  refuseOtherOs(options);
  const url = readUrl(options);
  const token = readToken(options);
  trustCertificates(options.caFile);
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

function readSeconds(given: string): number {
  const seconds = Number(given);
  if (/^\d+$/.test(given) && seconds >= 1 && seconds <= CONFIRM_MAX_SECONDS) return seconds;
  throw new CommandError(
    `--confirm-seconds was given '${given}'; allowed: 1 to ${CONFIRM_MAX_SECONDS}.`,
    EXIT.usage,
  );
}
