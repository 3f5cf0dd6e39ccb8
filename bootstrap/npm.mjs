// Finds npm and runs it. Its output is captured and shown only if it fails.
// Runs on Node 18 or newer.
import { basename } from 'node:path';
import { runCaptured } from './child-process.mjs';
import { PreparationFailed } from './errors.mjs';

// Overrides the settings of the user and of a calling npm: install into this folder and do nothing else. Without a
// network, npm's default pauses between retries add up to more than two minutes without output.
const FIXED_FLAGS = [
  '--no-global',
  '--no-dry-run',
  '--no-audit',
  '--no-fund',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/**
 * Runs npm and resolves with its duration in seconds.
 * Rejects with PreparationFailed; its message holds the command, npm's output and `advice`.
 */
export async function runNpm(args, { cwd, env = process.env, advice }) {
  const [command, ...first] = npmCommand(env);
  const shown = `npm ${args[0]}`;
  const { status, output, seconds } = await runCaptured(command, [...first, ...args, ...FIXED_FLAGS], {
    cwd,
    env,
  }).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new PreparationFailed(
      `\`${shown}\` failed: npm was not found on PATH. Install npm and run the command again.`,
    );
  });
  if (status === 0) return seconds;
  throw new PreparationFailed(`\`${shown}\` failed (${status}):\n\n${output.trimEnd()}\n\n${advice}`);
}

/** Returns the program and its first arguments. */
// Other package managers also set npm_execpath, to their own path. npx sets it to npm's.
export function npmCommand(env) {
  const started = env.npm_execpath ?? '';
  return basename(started) === 'npm-cli.js' ? [process.execPath, started] : ['npm'];
}
