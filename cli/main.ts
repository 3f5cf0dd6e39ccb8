#!/usr/bin/env node
/** The command line: `homing <command>`. Each command is one file; `program.ts` lists them. */
import { createProgram } from './program.ts';

// `homing messages | head`: the reader has seen enough, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

await createProgram().parseAsync();
