/**
 * Installs the agent as a launchd service of the owner's login session: a property list in ~/Library/LaunchAgents,
 * loaded by `launchctl`. launchd starts it at login, and restarts it after an error, at most every 30 s. The agent
 * therefore recovers without action after a missing permission is granted.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build, parse } from 'plist';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { failureReason, type RunProgram } from './run-program.ts';
import { SetupError } from './setup-error.ts';

export const LABEL = 'dev.homing.relay';
const THROTTLE_SECONDS = 30;
/** launchd unloads a service some time after `bootout` returned; until then `bootstrap` fails with 5 or 37. */
const RETRY_MS = 300;
const RETRIES = 100;

const installedList = z.object({
  ProgramArguments: z.array(z.string()).min(1),
  EnvironmentVariables: z.record(z.string(), z.string()).default({}),
  StandardErrorPath: z.string(),
});

export interface ServiceDescription {
  /** Program and arguments with absolute paths: launchd sets no PATH and starts the service in /. */
  command: string[];
  environment: Record<string, string>;
  /** Standard error of the service: output before the log file is open, and the stack of a crash. */
  errorFile: string;
}

export interface ServiceState {
  isInstalled: boolean;
  /** launchd has loaded it. */
  isLoaded: boolean;
  pid: number | undefined;
  /** In the words of launchd, such as `1` or `Killed: 9`; undefined if it has not exited yet. */
  lastExit: string | undefined;
  /** The reason why launchd could not be queried. */
  problem: string | undefined;
}

export interface LaunchAgent {
  readonly file: string;
  /** Writes the property list and starts the service; replaces a running one. @throws SetupError */
  install(description: ServiceDescription): Promise<'installed' | 'updated'>;
  /** Stops the service and removes the property list; false if neither existed. @throws SetupError */
  uninstall(): Promise<boolean>;
  /** Restarts the installed service. Resolves to false if it is not installed, or launchd fails. */
  restart(): Promise<boolean>;
  state(): Promise<ServiceState>;
  /** Path of the program that launchd runs; undefined if the service is not installed. */
  program(): string | undefined;
  /** Returns the installed description; undefined if the service is not installed. */
  description(): ServiceDescription | undefined;
  /** Returns the text of the property list; undefined if the service is not installed. */
  read(): string | undefined;
  /** Writes the text of an earlier property list and starts the service. @throws SetupError */
  restore(text: string): Promise<void>;
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

  /** Resolves to false if the service was not loaded. */
  const stop = async (): Promise<boolean> => {
    const printed = await run(launchctl, ['print', service]);
    if (printed.startProblem !== undefined && existsSync(file)) {
      throw new SetupError(
        `Cannot start ${launchctl}: ${printed.startProblem}. Check the path in --launchctl.`,
      );
    }
    if (printed.status !== 0) return false;
    const bootout = await run(launchctl, ['bootout', service]);
    for (let attempt = 0; attempt < RETRIES; attempt += 1) {
      const { status } = await run(launchctl, ['print', service]);
      if (status !== 0) return true;
      await wait(RETRY_MS);
    }
    throw new SetupError(
      `launchd did not unload the agent: ${failureReason(bootout)}. Log out, log in again, and repeat this command.`,
    );
  };

  const start = async (): Promise<void> => {
    // launchd rejects a service that was disabled by `launchctl disable`.
    await run(launchctl, ['enable', service]);
    let bootstrap = await run(launchctl, ['bootstrap', domain, file]);
    const isUnloading = () => bootstrap.status === 5 || bootstrap.status === 37;
    for (let attempt = 0; isUnloading() && attempt < RETRIES; attempt += 1) {
      const { status } = await run(launchctl, ['print', service]);
      if (status === 0) break;
      await wait(RETRY_MS);
      bootstrap = await run(launchctl, ['bootstrap', domain, file]);
    }
    const started = await run(launchctl, ['kickstart', service]);
    if (started.status === 0) return;
    throw new SetupError(
      `launchd did not start the agent: ${failureReason(bootstrap.status === 0 ? started : bootstrap)}. The file ` +
        `${file} is written. The agent, like Messages, needs a login session on the Mac's own screen: log in there, ` +
        'or by Screen Sharing, and run this command in Terminal again.',
    );
  };

  const replace = async (text: string, errorFile?: string): Promise<void> => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      if (errorFile !== undefined) mkdirSync(dirname(errorFile), { recursive: true });
      writeFileAtomic.sync(file, text, { mode: 0o644 });
    } catch (error) {
      throw new SetupError(
        `Cannot write ${file}: ${(error as Error).message}. Make sure that the file and its folder are writable.`,
      );
    }
    await stop();
    await start();
  };

  const read = (): string | undefined => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  };

  const description = (): ServiceDescription | undefined => {
    const text = read();
    if (text === undefined) return undefined;
    try {
      return parsePropertyList(text);
    } catch {
      return undefined;
    }
  };

  return {
    file,
    read,
    description,
    async install(description) {
      const isUpdate = existsSync(file);
      await replace(propertyList(description), description.errorFile);
      return isUpdate ? 'updated' : 'installed';
    },
    restore: (text) => replace(text),
    async uninstall() {
      const wasThere = existsSync(file);
      const wasLoaded = await stop();
      rmSync(file, { force: true });
      return wasThere || wasLoaded;
    },
    async restart() {
      if (!existsSync(file)) return false;
      const restarted = await run(launchctl, ['kickstart', '-k', service]);
      return restarted.status === 0;
    },
    async state() {
      const isInstalled = existsSync(file);
      const printed = await run(launchctl, ['print', service]);
      if (printed.status === 0) {
        return { isInstalled, isLoaded: true, ...readPrinted(printed.stdout), problem: undefined };
      }
      const isResponse = printed.status !== null;
      return {
        isInstalled,
        isLoaded: false,
        pid: undefined,
        lastExit: undefined,
        problem: isResponse ? undefined : `${launchctl}: ${failureReason(printed)}`,
      };
    },
    program: () => description()?.command[0],
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

/** @throws Error if the text is not a property list of the agent. */
function parsePropertyList(text: string): ServiceDescription {
  const found = installedList.parse(parse(text));
  return {
    command: found.ProgramArguments,
    environment: found.EnvironmentVariables,
    errorFile: found.StandardErrorPath,
  };
}

/** Parses the output of `launchctl print`: fields of the service have one leading tab, nested fields more. */
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
