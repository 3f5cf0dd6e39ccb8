#!/usr/bin/env node
// Runs the `homing` command. In a checkout it first prepares Node 24, the packages and the build, with progress on
// stderr: stdout belongs to the commands, some of which print JSON. The command runs in this process, so signals and
// the exit status need no forwarding. Runs on Node 18 or newer.
import { fileURLToPath } from 'node:url';
import { prepare } from '../bootstrap/prepare.mjs';

await prepare({ isForRunning: true });
const program = new URL('../dist/cli/main.js', import.meta.url);
process.argv[1] = fileURLToPath(program);
await import(program.href);
