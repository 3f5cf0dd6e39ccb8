/** Implements `homing relay logs`: prints the log of the installed agent. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { followLog, lastLines } from '../../../relay-agent/setup/log-reader.ts';
import { stopOnSignals } from '../../device/connection.ts';
import { CommandError, EXIT, printLine, printNotice } from '../../terminal.ts';
import { addLogOption, errorFileOf, type LogOptions } from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface LogsOptions extends LogOptions {
  follow?: boolean;
  lines: string;
}

const LINES_MAX = 100_000;

export function logsCommand(): Command {
  const command = new Command('logs')
    .description('Print the log of the installed agent. It contains no message texts and no tokens.')
    .option('-f, --follow', 'continue with new lines until Ctrl-C')
    .option('-n, --lines <count>', `number of lines from the end of the log, 0 to ${LINES_MAX}`, '50');
  return addLogOption(command).action(
    relayAction(async (options: LogsOptions) => {
      const count = readCount(options.lines);
      const logFile = resolve(options.logFile);
      const errorFile = errorFileOf({ logFile });
      if (!existsSync(logFile)) {
        const errors = lastLines(errorFile, count);
        if (errors.length === 0) {
          throw new CommandError(
            `There is no log at ${logFile}. The installed agent creates it: run npx homing relay install.`,
          );
        }
        printNotice(`homing: The agent exited before it created its log. Content of ${errorFile}:`);
        for (const line of errors) printLine(line);
        return;
      }
      for (const line of lastLines(logFile, count)) printLine(line);
      if (!options.follow) return;
      await new Promise<void>((resolveEnd) => {
        const stop = followLog(logFile, printLine);
        const removeHandlers = stopOnSignals(() => {
          removeHandlers();
          stop();
          resolveEnd();
        });
      });
    }),
  );
}

function readCount(given: string): number {
  const count = Number(given);
  if (/^\d+$/.test(given) && count <= LINES_MAX) return count;
  throw new CommandError(`--lines was given '${given}'; allowed: 0 to ${LINES_MAX}.`, EXIT.usage);
}
