/**
 * Fakes `/usr/bin/security`: a keychain in `keychain.json` of its folder. It accepts secrets only on standard input.
 * The arguments of each call are recorded in `security-calls.jsonl`. The file `keychain-locked` simulates a locked
 * keychain.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...args] = process.argv.slice(2) as [string, ...string[]];
const file = join(folder, 'keychain.json');
appendFileSync(join(folder, 'security-calls.jsonl'), `${JSON.stringify(args)}\n`);
const entries: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const isInteractive = args[0] === '-i';
const words = isInteractive ? readFileSync(0, 'utf8').trim().split(/\s+/) : args;
const [command] = words;
const valueAt = (flag: string) => words[words.indexOf(flag) + 1]!;
const key = `${valueAt('-s')}/${valueAt('-a')}`;

if (existsSync(join(folder, 'keychain-locked'))) {
  fail(36, 'SecKeychainItemCreateFromContent: User interaction is not allowed.');
}
switch (command) {
  case 'add-generic-password':
    if (!isInteractive) fail(1, 'the secret is in the arguments, which every user can read');
    if (entries[key] !== undefined && !words.includes('-U')) fail(45, 'The item already exists.');
    entries[key] = valueAt('-w');
    break;
  case 'find-generic-password':
    if (entries[key] === undefined) fail(44, 'The specified item could not be found in the keychain.');
    process.stdout.write(`${entries[key]}\n`);
    break;
  case 'delete-generic-password':
    if (entries[key] === undefined) fail(44, 'The specified item could not be found in the keychain.');
    delete entries[key];
    break;
  default:
    fail(2, `unknown command "${command}"`);
}
writeFileSync(file, JSON.stringify(entries));

function fail(status: number, message: string): never {
  process.stderr.write(`security: ${message}\n`);
  process.exit(status);
}
