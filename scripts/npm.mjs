// Finds npm and runs it in silence. What it prints is shown only in the error when it fails.
// Runs on any Node from 18.
import { basename } from 'node:path';
import { runHidden } from './child.mjs';
import { PreparationFailed } from './failure.mjs';

// Whatever the person's or a calling npm's settings are: install here, and only that. npm's own pauses before it tries
// a registry again add up to more than two minutes of silence where there is no network.
const ALWAYS = [
  '--no-global',
  '--no-dry-run',
  '--no-audit',
  '--no-fund',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/** Runs npm and resolves with the seconds it took; rejects with PreparationFailed: what failed, npm's words, `advice`. */
export async function runNpm(args, { cwd, env = process.env, advice }) {
  const [command, ...first] = npmCommand(env);
  const shown = `npm ${args[0]}`;
  const { status, output, seconds } = await runHidden(command, [...first, ...args, ...ALWAYS], {
    cwd,
    env,
  }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new PreparationFailed(
      `\`${shown}\` could not run: npm was not found on PATH. Install npm and try again.`,
    );
  });
  if (status === 0) return seconds;
  throw new PreparationFailed(`\`${shown}\` failed (${status}):\n\n${output.trimEnd()}\n\n${advice}`);
}

// Other package managers set npm_execpath too, to themselves. npx sets it to npm's.
function npmCommand(env) {
  const started = env.npm_execpath ?? '';
  return basename(started) === 'npm-cli.js' ? [process.execPath, started] : ['npm'];
}
