/** `homing relay logs`: what the installed agent has said. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { followLog, lastLines } from '../../../relay-agent/setup/log-reader.ts';
import { endOnSignals } from '../../device/connection.ts';
import { CommandError, EXIT, printLine, say } from '../../terminal.ts';
import { addLogOption, errorFileOf, type LogOptions, setupAction } from './options.ts';

interface LogsOptions extends LogOptions {
  follow?: boolean;
  lines: string;
}

const LINES_MAX = 100_000;

export function logsCommand(): Command {
  const command = new Command('logs')
    .description('Print the log of the installed agent. It holds no texts of messages and no tokens.')
    .option('-f, --follow', 'go on with what is added, until Ctrl+C')
    .option('-n, --lines <count>', 'how many of the last lines', '50');
  return addLogOption(command).action(
    setupAction(async (options: LogsOptions) => {
      const count = readCount(options.lines);
      const logFile = resolve(options.logFile);
      const errorFile = errorFileOf({ logFile });
      if (!existsSync(logFile)) {
        const errors = lastLines(errorFile, count);
        if (errors.length === 0) {
          throw new CommandError(
            `There is no log at ${logFile} yet. The installed agent writes it: npx homing relay install`,
          );
        }
        say(`homing: The agent ended before it could write its log; this is ${errorFile}:`);
        for (const line of errors) printLine(line);
        return;
      }
      for (const line of lastLines(logFile, count)) printLine(line);
      if (!options.follow) return;
      await new Promise<void>((resolveEnd) => {
        const stop = followLog(logFile, printLine);
        const unhook = endOnSignals(() => {
          unhook();
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
