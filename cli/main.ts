#!/usr/bin/env node
/** The command line: `homing <command>`. Each command is one file; this one only lists them. */
import { createProgram } from './program.ts';

await createProgram().parseAsync();
