// `node bootstrap/check.mjs <script>… [--outputFile=<file>]`: runs the named scripts of package.json in order, also
// after a failure. Prints the output of the failed ones and the parts that a script skipped, and ends with
// `check: N passed, N failed`.
// `--outputFile` writes the two numbers to a file as JSON. Exits with 1 if a script failed.
// Runs on Node 18 or newer.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from './child-process.mjs';
import { prepare, root, toolEnvironment } from './prepare.mjs';

const OUTPUT_FILE = '--outputFile=';
const args = process.argv.slice(2);
const names = args.filter((argument) => !argument.startsWith('-'));
const outputFile = args.find((argument) => argument.startsWith(OUTPUT_FILE))?.slice(OUTPUT_FILE.length);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const unknown = names.find((name) => !scripts[name]);
if (names.length === 0 || unknown) {
  process.stderr.write(
    unknown ? `package.json has no script "${unknown}".\n` : 'The name of a script is missing.\n',
  );
  process.stderr.write('Usage: node bootstrap/check.mjs <script>… [--outputFile=<file>]\n');
  process.exit(2);
}

await prepare({ build: false });
const failures = [];
for (const name of names) {
  const options = { cwd: root, env: toolEnvironment(), shell: true };
  const { status, output, seconds } = await runCaptured(scripts[name], [], options);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name}  (${seconds.toFixed(1)} s)`);
  for (const [line] of output.matchAll(/^skipped: .*$/gm)) console.log(`        ${line}`);
  if (status !== 0) failures.push({ name, status, output });
}
for (const { name, status, output } of failures) {
  console.log(`\n── ${name}: \`${scripts[name]}\` (${status})\n${output.trimEnd()}`);
}
const passed = names.length - failures.length;
if (outputFile) writeFileSync(outputFile, JSON.stringify({ passed, failed: failures.length }));
console.log(`\ncheck: ${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
