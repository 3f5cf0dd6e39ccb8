#!/usr/bin/env node
/** Runs the command line, `homing <command>`, and sets the exit code. `program.ts` lists the commands. */
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { EXIT } from './terminal.ts';

// The reader of a pipe may stop early (`homing messages | head`). This is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await (await createProgram(process.argv.slice(2))).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has already printed the usage error or the help.
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
