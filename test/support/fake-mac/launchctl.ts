/**
 * Fakes `/bin/launchctl` and launchd: starts the program of a property list in the folder /, and prints its state in
 * the format of `launchctl print`. It does not restart an exited program before a kickstart. Each call is recorded in
 * `launchctl-calls.jsonl`. The file `no-session` simulates a Mac without a login session.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'plist';

interface Service {
  Label: string;
  ProgramArguments: [string, ...string[]];
  EnvironmentVariables: Record<string, string>;
  StandardErrorPath: string;
}

const [folder, command, ...args] = process.argv.slice(2) as [string, string, ...string[]];
const domain = `gui/${process.getuid?.()}`;
const loadedFile = join(folder, 'launchd-loaded');
const pidFile = join(folder, 'launchd-pid');
const exitFile = join(folder, 'launchd-exit');
appendFileSync(join(folder, 'launchctl-calls.jsonl'), `${JSON.stringify([command, ...args])}\n`);

switch (command) {
  case 'enable':
    break;
  case 'bootstrap': {
    if (existsSync(join(folder, 'no-session'))) {
      fail(125, 'Bootstrap failed: 125: Domain does not support specified action');
    }
    const [where, plist] = args as [string, string];
    if (where !== domain) fail(64, `Unrecognized target specifier: ${where}`);
    if (existsSync(loadedFile) || runningPid() !== undefined) {
      fail(5, 'Bootstrap failed: 5: Input/output error');
    }
    writeFileSync(loadedFile, plist);
    rmSync(exitFile, { force: true });
    await start();
    break;
  }
  case 'bootout': {
    requireLoaded(3, 'Boot-out failed: 3: No such process');
    rmSync(loadedFile);
    // Like launchd, it does not wait for the exit.
    const pid = runningPid();
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
    break;
  }
  case 'kickstart': {
    requireLoaded(113, `Could not find service "${args.at(-1)}" in domain for user ${domain}`);
    const pid = runningPid();
    if (pid !== undefined && args.includes('-k')) {
      process.kill(pid, 'SIGTERM');
      while (runningPid() !== undefined) await wait(20);
    }
    if (runningPid() === undefined) await start();
    break;
  }
  case 'print': {
    const pid = runningPid();
    if (pid === undefined) requireLoaded(113, `Bad request.\nCould not find service "${args[0]}"`);
    const exit = existsSync(exitFile) ? readFileSync(exitFile, 'utf8').trim() : '(never exited)';
    process.stdout.write(
      `${args[0]} = {\n\tactive count = ${pid === undefined ? 0 : 1}\n\ttype = LaunchAgent\n\tstate = ${pid === undefined ? 'not running' : 'running'}\n\n` +
        `${pid === undefined ? '' : `\tpid = ${pid}\n`}\truns = 1\n\tlast exit code = ${exit}\n\n` +
        '\tendpoints = {\n\t\tstate = active\n\t\tpid = 1\n\t}\n}\n',
    );
    break;
  }
  default:
    fail(64, `Unrecognized subcommand: ${command}`);
}

async function start(): Promise<void> {
  const plist = readFileSync(loadedFile, 'utf8');
  const service = parse(readFileSync(plist, 'utf8')) as unknown as Service;
  rmSync(pidFile, { force: true });
  const shell =
    '"$@" & echo $! > "$PID_FILE.new"; mv "$PID_FILE.new" "$PID_FILE"; wait $!; echo $? > "$EXIT_FILE"';
  spawn('/bin/sh', ['-c', shell, 'launchd', ...service.ProgramArguments], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', openSync(service.StandardErrorPath, 'a')],
    env: {
      PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
      HOME: process.env.HOME,
      PID_FILE: pidFile,
      EXIT_FILE: exitFile,
      ...service.EnvironmentVariables,
    },
  }).unref();
  while (!existsSync(pidFile)) await wait(10);
}

function runningPid(): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

function requireLoaded(status: number, message: string): void {
  if (!existsSync(loadedFile)) fail(status, message);
}

function fail(status: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}
