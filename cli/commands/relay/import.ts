/** Implements `homing relay import`: copies the existing messages of this Mac to the broker. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { ChatDatabase, ChatDatabaseError } from '../../../relay-agent/chat-db/chat-database.ts';
import { HistoryRejectedError, historyClient } from '../../../relay-agent/history/history-client.ts';
import { importHistory } from '../../../relay-agent/history/import-history.ts';
import { type ImportProgress, progressStore } from '../../../relay-agent/history/import-progress.ts';
import { attachmentUploads } from '../../../relay-agent/inbound/attachment-uploads.ts';
import { mediaTransfer } from '../../../relay-agent/transport/media-transfer.ts';
import { clock } from '../../device/connection.ts';
import { type ProgressBar, startProgressBar } from '../../progress-bar.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, knownBroker } from './broker-options.ts';
import { addMacOptions, assertMacOs, type MacOptions } from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface ImportCommandOptions extends OutputOptions, BrokerOptions, MacOptions {
  since: string;
  attachments?: boolean;
  restart?: boolean;
}

const DAY_MS = 86_400_000;
const UNITS: Record<string, number> = { d: DAY_MS, w: 7 * DAY_MS, m: 30 * DAY_MS, y: 365 * DAY_MS };
/** Interval of progress notices without a terminal. */
const PROGRESS_INTERVAL_MS = 2_000;

export function importCommand(): Command {
  const command = new Command('import').description(
    'Copy the existing messages of this Mac to the broker. They trigger no events and count as read.',
  );
  return addMacOptions(addBrokerOptions(command))
    .requiredOption(
      '--since <when>',
      'start of the import: a date (2025-01-31), an age (90d, 12w, 6m, 2y), or all',
    )
    .option('--attachments', 'also copy the files of attachments (default: their names only)')
    .option('--restart', 'start again instead of continuing an interrupted import')
    .option('--json', 'JSON output of the result')
    .action(
      relayAction(async (options: ImportCommandOptions) => {
        assertMacOs(options);
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
  const start = startOrContinue(store.read(), {
    url,
    sinceMs,
    until: chat.lastRowId(),
    restarts: options.restart === true,
  });
  const total = chat.countSince(sinceMs, start.position, start.until);
  if (start.read > 0)
    printNotice(
      `homing: Continuing after ${formatCount(start.read)} messages; ${formatCount(total)} remain.`,
    );
  const startedAt = clock.now();
  const display = options.json ? undefined : progressDisplay(total);
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const onProblem = (problem: string) => printNotice(`homing: ${problem}`);
  const transfer = mediaTransfer({ url, token });
  try {
    const done = await importHistory(start, {
      chat,
      client: historyClient({ url, token }),
      progress: store,
      uploads: options.attachments
        ? attachmentUploads({ transfer, home: homedir(), wait, random: clock.random, onProblem })
        : undefined,
      onProgress: ({ read }) => display?.show(read - start.read),
      onTrouble: (problem, ms) =>
        printNotice(`homing: ${problem}; next attempt in ${(ms / 1000).toFixed(1)} s`),
      wait,
      random: clock.random,
    });
    display?.end();
    printResult(done, clock.now() - startedAt, options);
  } catch (error) {
    display?.end();
    if (!(error instanceof HistoryRejectedError)) throw error;
    throw new CommandError(
      `${error.message} The broker keeps the imported messages. Run the same command again to continue.`,
    );
  }
}

/** Returns the progress of an interrupted import of the same broker and period, or a new progress. */
function startOrContinue(
  last: ImportProgress | undefined,
  { url, sinceMs, until, restarts }: { url: string; sinceMs: number; until: number; restarts: boolean },
): ImportProgress {
  const continues =
    !restarts && last !== undefined && !last.isDone && last.broker === url && last.sinceMs <= sinceMs;
  if (continues) return last;
  const none = { read: 0, stored: 0, known: 0, changes: 0, skipped: 0, isDone: false };
  return { broker: url, sinceMs, until, position: 0, ...none };
}

function printResult(done: ImportProgress, ms: number, options: ImportCommandOptions): void {
  const { read, stored, known, changes, skipped } = done;
  if (options.json) {
    printJson({
      since: new Date(done.sinceMs).toISOString(),
      read,
      stored,
      known,
      changes,
      skipped,
      seconds: ms / 1000,
    });
    return;
  }
  if (read === 0) {
    printNotice('homing: This Mac has no messages in that period.');
    return;
  }
  printNotice(
    `homing: Imported ${formatCount(stored)} messages in ${(ms / 1000).toFixed(1)} s` +
      `${known === 0 ? '' : `; the broker already had ${formatCount(known)}`}` +
      `${changes === 0 ? '' : `; ${formatCount(changes)} reactions and changes of groups`}` +
      `${skipped === 0 ? '' : `; skipped ${formatCount(skipped)} (unsent or empty)`}.`,
  );
}

function progressDisplay(total: number): ProgressBar {
  if (!process.stderr.isTTY) {
    let printedAt = clock.now();
    return {
      show(done) {
        if (clock.now() - printedAt < PROGRESS_INTERVAL_MS) return;
        printedAt = clock.now();
        printNotice(`homing: ${formatCount(done)} of ${formatCount(total)}`);
      },
      end() {},
    };
  }
  return startProgressBar('homing:', total);
}

function openChat(file: string): ChatDatabase {
  try {
    return new ChatDatabase(file);
  } catch (error) {
    throw error instanceof ChatDatabaseError ? new CommandError(error.message) : error;
  }
}

/** Returns the start of the import, in epoch milliseconds. @throws CommandError */
function readSince(given: string, now: number): number {
  if (given === 'all') return 0;
  const [, count, unit = ''] = /^(\d{1,5})([dwmy])$/.exec(given) ?? [];
  const unitMs = UNITS[unit];
  // Ages are rounded to days, so that the same command on the same day continues an interrupted import.
  if (unitMs !== undefined) return startOfDay(now) - Number(count) * unitMs;
  const at = /^\d{4}-\d{2}-\d{2}(T|$)/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(at) && at <= now) return at;
  throw new CommandError(
    `--since was given '${given}'; allowed: a past date (2025-01-31), an age (90d, 12w, 6m, 2y) or all.`,
    EXIT.usage,
  );
}

const startOfDay = (at: number) => at - (at % DAY_MS);
const formatCount = (messages: number) => messages.toLocaleString('en-US');
