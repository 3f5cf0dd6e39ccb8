// Ends this process when its parent has ended. Two cases need it:
// - npm runs commands in a shell. npm sends SIGTERM to the shell only, and dash dies without forwarding it:
//   `npx homing serve` then kept running after npx had ended.
// - An older Node that started this one may be killed by a signal that it cannot forward.
// In all other cases `endWithParent` does nothing. Runs on Node 18 or newer.

const VARIABLE = 'HOMING_BOOTSTRAP_PARENT';
const CHECK_INTERVAL_MS = 500;

/** Returns the environment variable that makes a child process end with this process. */
export function parentEnvironment() {
  return { [VARIABLE]: String(process.pid) };
}

/** Sends SIGTERM to this process when its parent has ended, so that the program shuts down gracefully. */
export function endWithParent() {
  const announced = Number(process.env[VARIABLE]);
  delete process.env[VARIABLE];
  if (!announced && !process.env.npm_command) return;
  const parent = announced || process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
