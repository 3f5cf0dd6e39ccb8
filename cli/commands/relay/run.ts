/** Implements `homing relay run`: runs the agent in the foreground. */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Agent, startAgent } from '../../../relay-agent/agent.ts';
import { ChatDatabaseError } from '../../../relay-agent/chat-db/chat-database.ts';
import { macHealth } from '../../../relay-agent/health/mac-health.ts';
import { watchNumber } from '../../../relay-agent/health/number-watch.ts';
import { systemPrograms } from '../../../relay-agent/health/system-programs.ts';
import { Journal, JournalError } from '../../../relay-agent/journal/journal.ts';
import type { Senders } from '../../../relay-agent/senders/ranked-senders.ts';
import { type AgentStatus, openAgentSocket } from '../../../relay-agent/setup/agent-socket.ts';
import { idOfEntry } from '../../../relay-agent/setup/installation.ts';
import { type LogFile, openLogFile } from '../../../relay-agent/setup/log-file.ts';
import { openWhenPermitted } from '../../../relay-agent/setup/open-when-permitted.ts';
import { redirectOutput } from '../../../relay-agent/setup/redirected-output.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';
import { PAIR_COMMAND } from '../../../relay-agent/setup/setup-link.ts';
import { fallbackTransport } from '../../../relay-agent/transport/fallback-transport.ts';
import { mediaTransfer } from '../../../relay-agent/transport/media-transfer.ts';
import { pollTransport } from '../../../relay-agent/transport/poll-transport.ts';
import { webSocketTransport } from '../../../relay-agent/transport/websocket-transport.ts';
import { CREDIT_START } from '../../../shared/protocol.ts';
import { ownVersion } from '../../../shared/version.ts';
import { clock, stopOnSignals, throwIfEndedByBroker } from '../../device/connection.ts';
import { printEventAsJson, printEventNotice } from '../../device/event-output.ts';
import { CommandError, EXIT, type OutputOptions, printNotice } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, knownBroker } from './broker-options.ts';
import {
  addKeepAwakeOption,
  addMacOptions,
  assertMacOs,
  type MacOptions,
  socketOf,
  storeOf,
} from './mac-options.ts';
import { checksOfMessages } from './messages-checks.ts';
import { relayAction } from './relay-action.ts';
import { addSenderOptions, type SenderOptions, sendersFrom } from './sender-options.ts';

interface RunOptions extends OutputOptions, BrokerOptions, MacOptions, SenderOptions {
  confirmSeconds: string;
  smsFallback: string;
  shortcuts: string;
  logFile?: string;
  keepAwake: 'on' | 'off';
}

const CONFIRM_MAX_SECONDS = 3_600;
const PERMISSION_MAX_MS = 60_000;

export function runCommand(): Command {
  const command = new Command('run').description('Run the agent until Ctrl-C.');
  const options = addSenderOptions(addMacOptions(addBrokerOptions(command)));
  return addKeepAwakeOption(options, 'off')
    .addOption(
      new Option(
        '--confirm-seconds <count>',
        `maximum time until Messages stores a sent message, 1 to ${CONFIRM_MAX_SECONDS} seconds`,
      )
        .env('HOMING_RELAY_CONFIRM_SECONDS')
        .default('180'),
    )
    .option(
      '--log-file <file>',
      'log file with timestamps, rotated at 10 MB with five older files (default: standard error)',
    )
    .addOption(
      new Option('--sms-fallback <on|off>', 'SMS for recipients without iMessage, if the message allows it')
        .env('HOMING_RELAY_SMS_FALLBACK')
        .default('on'),
    )
    .addOption(
      new Option('--shortcuts <program>', 'program that signs shortcuts for the setup page')
        .env('HOMING_RELAY_SHORTCUTS')
        .default('/usr/bin/shortcuts'),
    )
    .option('--json', 'JSON output, one frame per line, each with its "direction": in or out')
    .action(
      relayAction(async (options: RunOptions) => {
        const log = options.logFile === undefined ? undefined : redirectToLog(options.logFile);
        assertMacOs(options);
        const senders = sendersFrom(options, (problem) => printNotice(`homing: ${problem}`));
        const session = { isConnected: false, senders };
        mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
        const closeSocket = await openSocket(options, session);
        const agent = await start(options, session);
        stopOnSignals(() => agent.stop());
        void agent.ended.then(closeSocket);
        const end = await agent.ended;
        if (end === 'chat_db_replaced') {
          throw new CommandError(
            `${options.chatDb} was replaced, such as by a backup. Start the agent again; launchd starts an installed one.`,
          );
        }
        throwIfEndedByBroker(
          end,
          `Pair the Mac again: run npx homing pair +1… on the machine of the broker, then ${PAIR_COMMAND} here.`,
        );
        await log?.end();
        // A slow send of Messages may still run. The journal contains it.
        process.exit(EXIT.done);
      }),
    );
}

/** Redirects standard error to the log file. A terminal still shows it. */
function redirectToLog(file: string): LogFile {
  const log = openLogFile(file, {
    now: clock.now,
    onProblem(problem) {
      undo();
      printNotice(`homing: Cannot write the log ${file}: ${problem}. Further output goes to standard error.`);
    },
  });
  const undo = redirectOutput(process.stderr, log, { isShown: process.stderr.isTTY === true });
  printNotice(`homing: The agent starts (process ${process.pid}, ${process.execPath}).`);
  return log;
}

interface Session {
  isConnected: boolean;
  senders: Senders;
}

/** Lets the doctor query this process, also before it has access to Messages. */
function openSocket(options: RunOptions, session: Session): Promise<() => void> {
  const holder = { program: process.execPath, terminal: undefined };
  return openAgentSocket({
    file: socketOf(options),
    status: () => statusOf(session),
    checks: ({ sendTest }) =>
      checksOfMessages(options, { holder, senders: session.senders, sendTest, isAgent: true }),
    onProblem: (problem) => printNotice(`homing: ${problem}`),
  });
}

function statusOf({ isConnected }: Session): AgentStatus {
  return {
    pid: process.pid,
    version: idOfEntry(realpathSync(String(process.argv[1]))) ?? ownVersion(),
    program: process.execPath,
    node: process.versions.node,
    connected: isConnected,
  };
}

async function start(options: RunOptions, session: Session): Promise<Agent> {
  const { senders } = session;
  const broker = knownBroker(options);
  const url = broker.url();
  const token = await broker.token();
  const confirmMs = readSeconds(options.confirmSeconds) * 1000;
  await senders.probe();
  try {
    const chat = await openWhenPermitted(options.chatDb, {
      // launchd restarts the installed agent; in a terminal, the error is more useful.
      maxMs: options.logFile === undefined ? 0 : PERMISSION_MAX_MS,
      wait: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
      onWait: ({ message }) => printNotice(`homing: ${message} The agent waits for it.`),
      ...clock,
    });
    const journal = new Journal(join(options.dataDir, 'journal.db'));
    return startAgent({
      connect: fallbackTransport({
        webSocket: webSocketTransport({ url, token, after: clock.after }),
        poll: pollTransport({ url, token, ...clock }),
        after: clock.after,
      }),
      journal,
      chat,
      chatFile: options.chatDb,
      senders,
      macHealth: macHealth({
        programs: systemPrograms(options.systemPrograms),
        keepsAwake: options.keepAwake === 'on',
        osascript: ['auto', 'osascript'].includes(options.sender) ? options.osascript : undefined,
        isNumberInUse: watchNumber({ chat, numbers: pairedNumbers(options) }),
        run: runProgram,
        onProblem: (problem) => printNotice(`homing: ${problem}`),
        ...clock,
      }),
      transfer: mediaTransfer({ url, token }),
      home: homedir(),
      shortcuts: existsSync(options.shortcuts) ? options.shortcuts : undefined,
      hasSmsFallback: readSmsFallback(options.smsFallback),
      agent: `homing-relay/${ownVersion()}`,
      platform: process.platform === 'darwin' ? 'macos' : process.platform,
      credit: CREDIT_START,
      confirmMs,
      on: (event) => {
        if (options.json) printEventAsJson(event);
        else printEventNotice(event);
        if (event.type === 'waiting') session.isConnected = false;
        if (event.type === 'frame' && event.frame.type === 'welcome') {
          session.isConnected = true;
          printNotice(`homing: Connected to ${url}; sending through Messages. Press Ctrl-C to stop.`);
        }
      },
      onProblem: (problem, message) =>
        printNotice(`homing: ${message === undefined ? '' : `${message}: `}${problem}`),
      ...clock,
    });
  } catch (error) {
    if (error instanceof ChatDatabaseError || error instanceof JournalError) {
      throw new CommandError(error.message);
    }
    throw error;
  }
}

/** The numbers of the pairing belong to its token. */
function pairedNumbers(options: RunOptions): readonly string[] {
  const isOtherToken = options.tokenFile !== undefined || Boolean(process.env.HOMING_RELAY_TOKEN);
  return isOtherToken ? [] : (storeOf(options).read()?.numbers ?? []);
}

function readSmsFallback(given: string): boolean {
  if (given === 'on' || given === 'off') return given === 'on';
  throw new CommandError(`--sms-fallback was given '${given}'; allowed: on or off.`, EXIT.usage);
}

function readSeconds(given: string): number {
  const seconds = Number(given);
  if (/^\d+$/.test(given) && seconds >= 1 && seconds <= CONFIRM_MAX_SECONDS) return seconds;
  throw new CommandError(
    `--confirm-seconds was given '${given}'; allowed: 1 to ${CONFIRM_MAX_SECONDS}.`,
    EXIT.usage,
  );
}
