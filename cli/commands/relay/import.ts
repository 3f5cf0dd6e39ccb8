/** `homing relay import`: takes the messages that are on this Mac already to the broker, as history. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { ChatDatabase, ChatDatabaseError } from '../../../relay-agent/chat-db/chat-database.ts';
import { HistoryRejectedError, historyClient } from '../../../relay-agent/history/history-client.ts';
import { importHistory } from '../../../relay-agent/history/import-history.ts';
import { type ImportProgress, progressStore } from '../../../relay-agent/history/import-progress.ts';
import { attachmentUploads } from '../../../relay-agent/inbound/attachment-uploads.ts';
import { mediaTransfer } from '../../../relay-agent/transport/media-transfer.ts';
import { clock } from '../../device/connection.ts';
import { CommandError, EXIT, type OutputOptions, printJson, say } from '../../terminal.ts';
import {
  addBrokerOptions,
  addMacOptions,
  type BrokerOptions,
  knownBroker,
  type MacOptions,
  refuseOtherOs,
  setupAction,
} from './options.ts';

interface ImportCommandOptions extends OutputOptions, BrokerOptions, MacOptions {
  since: string;
  attachments?: boolean;
  restart?: boolean;
}

const DAY_MS = 86_400_000;
const UNITS: Record<string, number> = { d: DAY_MS, w: 7 * DAY_MS, m: 30 * DAY_MS, y: 365 * DAY_MS };
/** How often it is said how far it is, where there is no terminal. */
const SAY_EVERY_MS = 2_000;

export function importCommand(): Command {
  const command = new Command('import').description(
    'Take the messages that are on this Mac to the broker, as history: nobody is told of them, none counts as unread.',
  );
  return addMacOptions(addBrokerOptions(command))
    .requiredOption(
      '--since <when>',
      'from when on: a date (2025-01-31), a time before now (90d, 6m, 2y), or all',
    )
    .option('--attachments', 'take the files of attachments along; otherwise they are only named')
    .option('--restart', 'begin anew instead of going on where the last import was cut off')
    .option('--json', 'print the outcome as JSON')
    .action(
      setupAction(async (options: ImportCommandOptions) => {
        refuseOtherOs(options);
        const sinceMs = readSince(options.since, clock.now());
        const broker = knownBroker(options);
        const url = broker.url();
        const token = await broker.token();
        const chat = openChat(options.chatDb);
        try {
          await run(options, { url, token, chat, sinceMs });
        } finally {
          chat.close();
        }
      }),
    );
}

async function run(
  options: ImportCommandOptions,
  { url, token, chat, sinceMs }: { url: string; token: string; chat: ChatDatabase; sinceMs: number },
): Promise<void> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const store = progressStore(join(options.dataDir, 'import.json'));
  const begun = begin(store.read(), {
    url,
    sinceMs,
    until: chat.lastRowId(),
    isAnew: options.restart === true,
  });
  const total = chat.countSince(sinceMs, begun.position, begun.until);
  if (begun.read > 0) say(`homing: Going on after ${count(begun.read)} messages; ${count(total)} are left.`);
  const startedAt = clock.now();
  const display = options.json ? undefined : progressDisplay(total);
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const onProblem = (problem: string) => say(`homing: ${problem}`);
  const transfer = mediaTransfer({ url, token });
  try {
    const done = await importHistory(begun, {
      chat,
      client: historyClient({ url, token }),
      progress: store,
      uploads: options.attachments
        ? attachmentUploads({ transfer, home: homedir(), wait, random: clock.random, onProblem })
        : undefined,
      onProgress: ({ read }) => display?.show(read - begun.read),
      onTrouble: (problem, ms) => say(`homing: ${problem}; trying again in ${(ms / 1000).toFixed(1)} s`),
      wait,
      random: clock.random,
    });
    display?.end();
    conclude(done, clock.now() - startedAt, options);
  } catch (error) {
    display?.end();
    if (!(error instanceof HistoryRejectedError)) throw error;
    throw new CommandError(
      `${error.message} What was taken over stays; run the same command again to go on.`,
    );
  }
}

function begin(
  last: ImportProgress | undefined,
  { url, sinceMs, until, isAnew }: { url: string; sinceMs: number; until: number; isAnew: boolean },
): ImportProgress {
  const goesOn =
    !isAnew && last !== undefined && !last.isDone && last.broker === url && last.sinceMs <= sinceMs;
  if (goesOn) return last;
  const none = { read: 0, stored: 0, known: 0, skipped: 0, isDone: false };
  return { broker: url, sinceMs, until, position: 0, ...none };
}

function conclude(done: ImportProgress, ms: number, options: ImportCommandOptions): void {
  const { read, stored, known, skipped } = done;
  if (options.json) {
    printJson({
      since: new Date(done.sinceMs).toISOString(),
      read,
      stored,
      known,
      skipped,
      seconds: ms / 1000,
    });
    return;
  }
  if (read === 0) {
    say('homing: There are no messages of that time on this Mac.');
    return;
  }
  say(
    `homing: ${count(stored)} messages taken over in ${(ms / 1000).toFixed(1)} s` +
      `${known === 0 ? '' : `; ${count(known)} were there already`}` +
      `${skipped === 0 ? '' : `; ${count(skipped)} left out (events of groups, and what says nothing)`}.`,
  );
}

function progressDisplay(total: number): { show(done: number): void; end(): void } {
  if (!process.stderr.isTTY) {
    let saidAt = clock.now();
    return {
      show(done) {
        if (clock.now() - saidAt < SAY_EVERY_MS) return;
        saidAt = clock.now();
        say(`homing: ${count(done)} of ${count(total)}`);
      },
      end() {},
    };
  }
  const format = 'homing: {bar} {percentage} %  {value} of {total}, {eta_formatted} left';
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0);
  return { show: (done) => bar.update(done), end: () => bar.stop() };
}

function openChat(file: string): ChatDatabase {
  try {
    return new ChatDatabase(file);
  } catch (error) {
    throw error instanceof ChatDatabaseError ? new CommandError(error.message) : error;
  }
}

/** Epoch ms. @throws CommandError */
function readSince(given: string, now: number): number {
  if (given === 'all') return 0;
  const ago = /^(\d{1,5})([dwmy])$/.exec(given);
  // By the day, so that the same words on the same day go on where they were cut off.
  if (ago !== null) return startOfDay(now) - Number(ago[1]) * UNITS[ago[2]!]!;
  const at = /^\d{4}-\d{2}-\d{2}(T|$)/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(at) && at <= now) return at;
  throw new CommandError(
    `--since was given '${given}'; it takes a date that is over (2025-01-31), 90d, 12w, 6m, 2y or all.`,
    EXIT.usage,
  );
}

const startOfDay = (at: number) => at - (at % DAY_MS);
const count = (messages: number) => messages.toLocaleString('en-US');
