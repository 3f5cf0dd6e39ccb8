#!/usr/bin/env node
// The command `homing`. In a checkout it first makes ready what is missing (Node 24, packages, build), saying so
// on stderr only: stdout belongs to the commands, some of which print JSON. Then the program runs in
// this process, so that signals and the exit status are its own. Runs on any Node from 18.
import { fileURLToPath } from 'node:url';
import { prepare } from '../scripts/prepare.mjs';

await prepare();
const program = new URL('../dist/cli/main.js', import.meta.url);
process.argv[1] = fileURLToPath(program);
await import(program.href);
