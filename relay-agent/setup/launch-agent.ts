/**
 * The agent as a launchd service of the owner's login session: a property list in ~/Library/LaunchAgents and
 * the calls of `launchctl` that put it to work. launchd starts it at login and again whenever it ends with an
 * error, at most every 30 s, so that it comes back by itself once a missing permission was granted.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build, parse } from 'plist';
import writeFileAtomic from 'write-file-atomic';
import { failureReason, type RunProgram } from './run-program.ts';
import { SetupError } from './setup-error.ts';

export const LABEL = 'dev.homing.relay';
const THROTTLE_SECONDS = 30;
/** launchd lets go of a service after `bootout` has returned; `bootstrap` fails with 5 or 37 until then. */
const RETRY_MS = 300;
const RETRIES = 100;

export interface ServiceDescription {
  /** Program and arguments, all paths absolute: launchd knows no PATH and starts in /. */
  command: string[];
  environment: Record<string, string>;
  /** Gets what is said before the log is open, and the stack of a crash. */
  errorFile: string;
}

export interface ServiceState {
  isInstalled: boolean;
  /** launchd knows it. */
  isLoaded: boolean;
  pid: number | undefined;
  /** As launchd words it, such as `1` or `Killed: 9`; undefined where it has not ended yet. */
  lastExit: string | undefined;
  /** Why launchd could not be asked. */
  problem: string | undefined;
}

export interface LaunchAgent {
  readonly file: string;
  /** Writes the property list and starts the service with it, in place of one that runs. @throws SetupError */
  install(description: ServiceDescription): Promise<'installed' | 'updated'>;
  /** Stops it and removes the property list; false where there was neither. @throws SetupError */
  uninstall(): Promise<boolean>;
  /** Starts it again, where it is installed. False where it is not, or launchd refuses. */
  restart(): Promise<boolean>;
  state(): Promise<ServiceState>;
  /** The program that launchd runs, where it is installed. */
  program(): string | undefined;
}

export interface LaunchAgentOptions {
  home: string;
  userId: number;
  launchctl: string;
  run: RunProgram;
}

export function launchAgent({ home, userId, launchctl, run }: LaunchAgentOptions): LaunchAgent {
  const file = join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
  const domain = `gui/${userId}`;
  const service = `${domain}/${LABEL}`;

  /** False where it was not loaded. */
  const stop = async (): Promise<boolean> => {
    const printed = await run(launchctl, ['print', service]);
    if (printed.startProblem !== undefined && existsSync(file)) {
      throw new SetupError(
        `${launchctl} can't be started: ${printed.startProblem}. Look whether --launchctl is right.`,
      );
    }
    if (printed.status !== 0) return false;
    const ended = await run(launchctl, ['bootout', service]);
    for (let attempt = 0; attempt < RETRIES; attempt += 1) {
      const { status } = await run(launchctl, ['print', service]);
      if (status !== 0) return true;
      await wait(RETRY_MS);
    }
    throw new SetupError(
      `launchd does not let go of the agent: ${failureReason(ended)}. Log out and in again, then repeat this command.`,
    );
  };

  const start = async (): Promise<void> => {
    // One that was switched off by `launchctl disable` would not be taken.
    await run(launchctl, ['enable', service]);
    let ended = await run(launchctl, ['bootstrap', domain, file]);
    for (let attempt = 0; (ended.status === 5 || ended.status === 37) && attempt < RETRIES; attempt += 1) {
      const { status } = await run(launchctl, ['print', service]);
      if (status === 0) break;
      await wait(RETRY_MS);
      ended = await run(launchctl, ['bootstrap', domain, file]);
    }
    const started = await run(launchctl, ['kickstart', service]);
    if (started.status === 0) return;
    throw new SetupError(
      `launchd does not start the agent: ${failureReason(ended.status === 0 ? started : ended)}. ${file} is written. ` +
        "The agent needs a session at the Mac's own screen (Messages does, too): log in there, or by Screen Sharing, " +
        'and run this command in Terminal again.',
    );
  };

  return {
    file,
    async install(description) {
      const isUpdate = existsSync(file);
      try {
        mkdirSync(dirname(file), { recursive: true });
        mkdirSync(dirname(description.errorFile), { recursive: true });
        writeFileAtomic.sync(file, propertyList(description), { mode: 0o644 });
      } catch (error) {
        throw new SetupError(
          `${file} can't be written: ${(error as Error).message}. It must be yours to write.`,
        );
      }
      await stop();
      await start();
      return isUpdate ? 'updated' : 'installed';
    },
    async uninstall() {
      const wasThere = existsSync(file);
      const wasLoaded = await stop();
      rmSync(file, { force: true });
      return wasThere || wasLoaded;
    },
    async restart() {
      if (!existsSync(file)) return false;
      const ended = await run(launchctl, ['kickstart', '-k', service]);
      return ended.status === 0;
    },
    async state() {
      const isInstalled = existsSync(file);
      const printed = await run(launchctl, ['print', service]);
      if (printed.status === 0) {
        return { isInstalled, isLoaded: true, ...readPrinted(printed.stdout), problem: undefined };
      }
      const isAnswer = printed.status !== null;
      return {
        isInstalled,
        isLoaded: false,
        pid: undefined,
        lastExit: undefined,
        problem: isAnswer ? undefined : `${launchctl}: ${failureReason(printed)}`,
      };
    },
    program() {
      try {
        const content = parse(readFileSync(file, 'utf8')) as { ProgramArguments?: string[] };
        return content.ProgramArguments?.[0];
      } catch {
        return undefined;
      }
    },
  };
}

export function propertyList({ command, environment, errorFile }: ServiceDescription): string {
  return `${build({
    Label: LABEL,
    ProgramArguments: command,
    EnvironmentVariables: environment,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: THROTTLE_SECONDS,
    ProcessType: 'Background',
    StandardErrorPath: errorFile,
  })}\n`;
}

/** Reads `launchctl print`: what is about the service itself stands behind one tab, what is nested behind more. */
export function readPrinted(text: string): Pick<ServiceState, 'pid' | 'lastExit'> {
  const valueAt = (name: string) => new RegExp(`^\\t${name} = (.+)$`, 'm').exec(text)?.[1]?.trim();
  const pid = Number(valueAt('pid'));
  const code = valueAt('last exit code');
  const lastExit = valueAt('last terminating signal') ?? code;
  return {
    pid: Number.isInteger(pid) && pid > 0 ? pid : undefined,
    lastExit: lastExit === undefined || lastExit.startsWith('(never') ? undefined : lastExit,
  };
}
