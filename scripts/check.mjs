// `npm run check`: everything that can be said about the sources without running them. Runs every step, also after
// one has failed, shows what the failed ones printed, and ends with `check: N passed, N failed`; status 1 if any failed.
// `--outputFile=<file>` writes the same numbers there as JSON. Runs on any Node from 18.
import { writeFileSync } from 'node:fs';
import { runHidden } from './child.mjs';
import { prepare, root, toolEnvironment } from './prepare.mjs';

const STEPS = [
  { name: 'format and lint', command: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the client', command: ['tsc', '--noEmit', '-p', 'client/tsconfig.json'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'client of these operations', command: ['node', 'client/generate.ts', '--check'] },
];

await prepare({ build: false });
const failures = [];
for (const { name, command } of STEPS) {
  const [program, ...args] = command;
  const result = await runHidden(program, args, { cwd: root, env: toolEnvironment() }).catch((error) => ({
    status: 'not started',
    output: error.message,
    seconds: 0,
  }));
  const isOk = result.status === 0;
  console.log(`${isOk ? 'ok    ' : 'FAILED'}  ${name}  (${result.seconds.toFixed(1)} s)`);
  if (!isOk) failures.push({ name, command, ...result });
}
for (const { name, command, status, output } of failures) {
  console.log(`\n── ${name}: \`${command.join(' ')}\` (${status})\n${output.trimEnd()}`);
}
const passed = STEPS.length - failures.length;
const file = process.argv
  .find((argument) => argument.startsWith('--outputFile='))
  ?.slice('--outputFile='.length);
if (file) writeFileSync(file, JSON.stringify({ passed, failed: failures.length }));
console.log(`\ncheck: ${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
