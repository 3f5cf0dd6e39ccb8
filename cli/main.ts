#!/usr/bin/env node
/** The command line: `homing <command>`. Each command is one file; `program.ts` lists them. */
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { EXIT } from './terminal.ts';

// `homing messages | head`: the reader has seen enough, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what it did not understand, or shown the help that was asked for.
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
