/**
 * Keeps one process of imsg for all requests. It starts with the first request, and again after it died or was ended.
 *
 * - A new process is asked for its status before anything else; a version without `initialize` only sends.
 * - A failed start is returned as a problem with the next step, and is tried again with the next request.
 */
import { connectImsg, type ImsgConnection } from './imsg-connection.ts';
import { isMissingPermission, isUnknownMethod, problemOf, shorten } from './imsg-errors.ts';
import type { ImsgRequest } from './imsg-requests.ts';
import { BEFORE_PROTOCOL, type ImsgStatus, parseStatus } from './imsg-status.ts';
import type { SenderGap } from './sender.ts';

export interface RunningImsg {
  /** As of the last `refresh`. */
  readonly status: ImsgStatus;
  isAlive(): boolean;
  request(request: ImsgRequest, timeoutMs: number): Promise<unknown>;
  /** Reads the status again. Rejects like `request`. */
  refresh(): Promise<void>;
  end(): void;
}

export interface ImsgProcess {
  /** Starts imsg if it does not run. @throws ImsgUnavailable */
  get(): Promise<RunningImsg>;
  close(): void;
}

/** imsg does not run. Nothing was sent. */
export class ImsgUnavailable extends Error {
  readonly gap: SenderGap;
  readonly isPermission: boolean;

  constructor(gap: SenderGap, isPermission = false) {
    const end = /[.!?]$/.test(gap.problem) ? '' : '.';
    super(`${gap.problem}${end} ${gap.fix}`.trim());
    this.gap = gap;
    this.isPermission = isPermission;
  }
}

export const READ_TIMEOUT_MS = 10_000;
/** macOS checks a program at its first start, and imsg waits for the status of its bridge; both take many seconds. */
const STATUS_TIMEOUT_MS = 30_000;
const PROTOCOL_VERSION = 1;
const INITIALIZE: ImsgRequest = { method: 'initialize', parameters: { protocol_version: PROTOCOL_VERSION } };

export function imsgProcess(program: string, onProblem: (problem: string) => void): ImsgProcess {
  let current: RunningImsg | undefined;
  let starting: Promise<RunningImsg> | undefined;
  let isClosed = false;
  const failIfClosed = () => {
    if (isClosed) throw new ImsgUnavailable({ problem: 'The relay agent is stopping.', fix: '' });
  };

  const start = async (): Promise<RunningImsg> => {
    let connection: ImsgConnection | undefined;
    try {
      connection = await connectImsg(program, onProblem);
      failIfClosed();
      const running = runningImsg(connection);
      current = running;
      await running.refresh();
      return running;
    } catch (error) {
      connection?.end();
      failIfClosed();
      throw connection === undefined
        ? new ImsgUnavailable(startGap(program, error as NodeJS.ErrnoException))
        : new ImsgUnavailable(notRespondingGap(error), isMissingPermission(error));
    }
  };

  return {
    async get() {
      failIfClosed();
      if (starting === undefined && current?.isAlive() === true) return current;
      starting ??= start().finally(() => {
        starting = undefined;
      });
      return await starting;
    },
    close() {
      isClosed = true;
      current?.end();
    },
  };
}

function runningImsg(connection: ImsgConnection): RunningImsg {
  let status: ImsgStatus | undefined;
  return {
    get status() {
      return status ?? BEFORE_PROTOCOL;
    },
    isAlive: connection.isAlive,
    request: connection.request,
    end: connection.end,
    async refresh() {
      // A process does not change its version.
      if (status === BEFORE_PROTOCOL) return;
      try {
        status = parseStatus(await connection.request(INITIALIZE, STATUS_TIMEOUT_MS));
        if (status === undefined) throw new Error('the response to `initialize` has an unknown form');
      } catch (error) {
        if (!isUnknownMethod(error)) throw error;
        status = BEFORE_PROTOCOL;
      }
    },
  };
}

function startGap(program: string, { code, message }: NodeJS.ErrnoException): SenderGap {
  return code === 'ENOENT'
    ? {
        problem: `The program '${program}' was not found.`,
        fix: 'Install imsg with: brew install steipete/tap/imsg',
      }
    : {
        problem: shorten(`imsg did not start: ${message}`),
        fix: `Check the program with: ${program} --version`,
      };
}

/** Describes a running imsg that does not report its status. */
export function notRespondingGap(error: unknown): SenderGap {
  return isMissingPermission(error)
    ? {
        problem: problemOf(error),
        fix: 'Allow Full Disk Access for the relay agent in System Settings > Privacy & Security, then restart it.',
      }
    : {
        problem: problemOf(error),
        fix: 'See the reason with: imsg status. Update it with: brew upgrade imsg, then restart the relay agent.',
      };
}
