/**
 * Runs `imsg rpc` (github.com/openclaw/imsg) as a child process: JSON-RPC 2.0, one object per line on standard input
 * and output.
 *
 * - Several requests may be open: imsg responds to reads while a send is in progress.
 * - The memory for its output is limited; a longer line ends the process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createJSONRPCErrorResponse, isJSONRPCResponse, JSONRPCClient, type JSONRPCID } from 'json-rpc-2.0';
import { busyError, LOCAL_ERROR, shorten } from './imsg-errors.ts';
import type { ImsgRequest } from './imsg-requests.ts';

export interface ImsgConnection {
  isAlive(): boolean;
  /** Rejects with the error of imsg, or with `LOCAL_ERROR` and the reason for the missing response. */
  request(request: ImsgRequest, timeoutMs: number): Promise<unknown>;
  /** Kills the process. Open requests are rejected. */
  end(): void;
}

/** The responses of the used methods are smaller than 100 KB. */
const LINE_MAX_CHARACTERS = 1_000_000;
const STDERR_MAX_CHARACTERS = 500;
/** imsg accepts 128. */
const OPEN_MAX = 64;
/** Maximum number of reported lines of one process that are not JSON. */
const FOREIGN_LINES_MAX = 10;
/** Folders of Homebrew. A LaunchAgent has a PATH without them. */
const HOMEBREW = '/opt/homebrew/bin:/usr/local/bin';

/** Starts the program. Rejects with the error of `spawn`. */
export async function connectImsg(
  program: string,
  onProblem: (problem: string) => void,
): Promise<ImsgConnection> {
  const child = spawn(program, ['rpc'], { env: environment() });
  // Also emitted for signals that could not be delivered.
  child.on('error', () => {});
  await once(child, 'spawn');

  let isAlive = true;
  let isEndedByUs = false;
  let open = 0;
  let foreignLines = 0;
  let stderr = '';
  const client = new JSONRPCClient((request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });

  const end = (reason: string) => {
    isAlive = false;
    isEndedByUs = true;
    client.rejectAllPendingRequests(reason);
    child.stdout.destroy();
    child.kill('SIGKILL');
  };
  const take = (line: string) => {
    const json = parse(line);
    if (json !== undefined) {
      if (isJSONRPCResponse(json)) client.receive(json);
    } else if (foreignLines < FOREIGN_LINES_MAX) {
      foreignLines += 1;
      onProblem(`imsg wrote a line that is not a JSON object: ${shorten(line)}`);
    }
  };
  onLines(child.stdout, take, () => {
    const problem = `it wrote a line of more than ${LINE_MAX_CHARACTERS} characters`;
    onProblem(`imsg: ${problem}; it starts again with the next message.`);
    end(problem);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-STDERR_MAX_CHARACTERS);
  });
  // `close` follows with the reason.
  child.stdin.on('error', () => {});
  child.on('exit', () => {
    isAlive = false;
  });
  // Not at `exit`: a response may still be in the pipe.
  child.on('close', (status, signal) => {
    if (isEndedByUs) return;
    const problem = `it exited with ${signal ?? status}${stderr === '' ? '' : `: ${stderr.trim()}`}`;
    if (open === 0) onProblem(`imsg: ${problem}; it starts again with the next message.`);
    client.rejectAllPendingRequests(problem);
  });

  return {
    isAlive: () => isAlive,
    async request({ method, parameters }, timeoutMs) {
      const timeoutResponse = (id: JSONRPCID) =>
        createJSONRPCErrorResponse(id, LOCAL_ERROR, `no response within ${timeoutMs} ms`);
      if (!isAlive) throw new Error('it was stopped');
      if (open >= OPEN_MAX) throw busyError(`more than ${OPEN_MAX} open requests`);
      open += 1;
      try {
        return await client.timeout(timeoutMs, timeoutResponse).request(method, parameters);
      } finally {
        open -= 1;
      }
    },
    end: () => end('it was stopped'),
  };
}

/** The variables of the agent contain its token, which imsg does not need. */
function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HOMING_'));
  return { ...Object.fromEntries(others), PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:${HOMEBREW}` };
}

/** Not `node:readline`: it also splits at line separators that are valid inside a JSON string. */
function onLines(stream: NodeJS.ReadableStream, take: (line: string) => void, onTooLong: () => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(line);
    if (rest.length > LINE_MAX_CHARACTERS) {
      rest = '';
      onTooLong();
    }
  });
}

function parse(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
