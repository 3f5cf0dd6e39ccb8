// Ends this process when the one that started it is gone. npm runs commands in a shell, which dies of the SIGTERM that
// npm passes to it and tells nobody (dash; `npx homing serve` then went on without npx). And an older Node that
// runs this one for its version may be killed by what it cannot pass on. Started in other ways, nothing is watched.
// Runs on any Node from 18.

const VARIABLE = 'HOMING_BOOTSTRAP_PARENT';
const LOOK_EVERY_MS = 500;

/** For the environment of a program that is to end with this process. */
export function asParent() {
  return { [VARIABLE]: String(process.pid) };
}

/** From now on: SIGTERM to ourselves, so that the program ends as it does when it is asked to. */
export function endWithParent() {
  const announced = Number(process.env[VARIABLE]);
  delete process.env[VARIABLE];
  if (!announced && !process.env.npm_command) return;
  const parent = announced || process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  looking.unref();
}
