// `node bootstrap/run.mjs <file-or-program> [arguments…]`: prepares the checkout, then runs a script of this
// repository or a program of an installed package under Node 24 or newer. The exit status is the program's.
// Runs on Node 18 or newer.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runInForeground } from './child-process.mjs';
import { prepare, toolEnvironment } from './prepare.mjs';

const [target, ...args] = process.argv.slice(2);
if (!target) {
  process.stderr.write('Usage: node bootstrap/run.mjs <file-or-program> [arguments…]\n');
  process.exit(2);
}
await prepare();
const isFile = /\.[cm]?[jt]s$/.test(target) || existsSync(resolve(target));
const [command, ...first] = isFile ? [process.execPath, resolve(target)] : [target];
await runInForeground(command, [...first, ...args], { env: toolEnvironment() }).catch((error) => {
  process.stderr.write(`${target} could not be started: ${error.message}\n`);
  process.exit(127);
});
