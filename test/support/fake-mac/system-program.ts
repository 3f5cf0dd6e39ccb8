/**
 * Fakes programs of macOS: caffeinate runs until the process of `-w` has exited; the others print the file of their name
 * in the folder. Each call of caffeinate is recorded in `caffeinate-calls.jsonl`.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const [folder, program, ...args] = process.argv.slice(2) as [string, string, ...string[]];
if (program === 'caffeinate') {
  appendFileSync(join(folder, 'caffeinate-calls.jsonl'), `${JSON.stringify({ pid: process.pid, args })}\n`);
  const pid = Number(args[args.indexOf('-w') + 1]);
  while (isRunning(pid)) await wait(100);
} else {
  const output = join(folder, `${[program, ...args].join(' ').replaceAll('/', '')}.output`);
  if (!existsSync(output)) process.exit(1);
  process.stdout.write(readFileSync(output));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
