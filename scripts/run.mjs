// `node scripts/run.mjs <file-or-program> …`: runs a script of this repository, or a program of an installed
// package, under Node 24 in a checkout that was made ready. The exit status is its own. Runs on any Node from 18.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { become } from './child.mjs';
import { prepare, toolEnvironment } from './prepare.mjs';

const [wanted, ...args] = process.argv.slice(2);
if (!wanted) {
  process.stderr.write('Usage: node scripts/run.mjs <file-or-program> [arguments…]\n');
  process.exit(2);
}
await prepare();
const isFile = /\.[cm]?[jt]s$/.test(wanted) || existsSync(resolve(wanted));
const [command, ...first] = isFile ? [process.execPath, resolve(wanted)] : [wanted];
await become(command, [...first, ...args], { env: toolEnvironment() }).catch((error) => {
  process.stderr.write(`${wanted} could not be started: ${error.message}\n`);
  process.exit(127);
});
