// Replaces npm in the tests of the bootstrap, which need no registry: writes the files that npm would write.
// Appends each command to $FAKE_NPM_CALLS, one per line.
// FAKE_NPM=fail exits with an error, =hang runs until its parent has ended, =other-bytes installs different content.
// FAKE_AUDIT is the JSON output of `npm audit`, FAKE_RELEASED_AT the date of the only release of every package.
// FAKE_TEST_RESULT and FAKE_CHECK_RESULT are the results that `npm test` and `npm run check` write.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_PACKAGES, NPM_PACKAGE } from '../../bootstrap/node-packages.mjs';

const args = process.argv.slice(2);
const { FAKE_NPM, FAKE_NPM_CALLS, FAKE_TEST_RESULT, FAKE_CHECK_RESULT, FAKE_AUDIT, FAKE_RELEASED_AT } =
  process.env;
const prefix = args.includes('--prefix') ? args[args.indexOf('--prefix') + 1] : undefined;
appendFileSync(FAKE_NPM_CALLS, `${prefix ? 'fetch node' : args.slice(0, 2).join(' ')}\n`);

if (args[0] === 'audit') console.log(FAKE_AUDIT ?? '{"auditReportVersion":2,"vulnerabilities":{}}');
else if (args[0] === 'view') console.log(JSON.stringify({ '1.0.0': FAKE_RELEASED_AT ?? new Date() }));
else if (args[0] === 'test') finish(FAKE_TEST_RESULT);
else if (args[0] === 'run') finish(FAKE_CHECK_RESULT);
else if (FAKE_NPM === 'fail') {
  console.error('npm error no network');
  process.exitCode = 1;
} else if (FAKE_NPM === 'hang') {
  const caller = process.ppid;
  setInterval(() => process.ppid !== caller && process.exit(1), 50);
} else if (prefix) installNode();
else installPackages();

/** Writes the result file and sets the exit status. `result` is "<exit status> <JSON>"; the JSON may be empty. */
function finish(result) {
  const [, status, json] = /^(\d+) ?(.*)$/.exec(result);
  const file = args.find((argument) => argument.startsWith('--outputFile'))?.replace(/^[^=]*=/, '');
  if (json) writeFileSync(file, json);
  process.exitCode = Number(status);
}

function installNode() {
  const node = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const program = `if [ "$1" = --version ]; then echo v${node.version}; else exec "${process.execPath}" "$@"; fi`;
  writeProgram(join(prefix, 'node_modules/.bin/node'), program);
  const packages = {};
  for (const { name, integrity } of [node, NPM_PACKAGE]) packages[`node_modules/${name}`] = { integrity };
  if (FAKE_NPM === 'other-bytes') packages[`node_modules/${node.name}`].integrity = 'sha512-other';
  writeFileSync(join(prefix, 'package-lock.json'), JSON.stringify({ packages }));
  const npm = join(prefix, 'node_modules/npm/bin');
  mkdirSync(npm, { recursive: true });
  writeFileSync(join(npm, 'npm-cli.js'), `import(${JSON.stringify(import.meta.url)});\n`);
}

function installPackages() {
  for (const tool of ['biome', 'tsc', 'knip']) {
    writeProgram(`node_modules/.bin/${tool}`, `echo "output of ${tool}"; [ "$FAILING_TOOL" != ${tool} ]`);
  }
  const vitest = 'console.log(JSON.stringify(process.argv.slice(1))); process.exitCode = 7';
  writeProgram('node_modules/.bin/vitest', `exec node -e '${vitest}' -- "$@"`);
}

function writeProgram(file, script) {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
