/**
 * Sends through `imsg rpc` (github.com/openclaw/imsg): JSON-RPC 2.0, one object per line on standard input and output.
 *
 * - One process sends all messages. It starts with the first message, and again after it died or returned an error:
 *   imsg rejects every send while an earlier one may be in progress, and macOS applies new permissions only to a
 *   new process.
 * - imsg sends one message at a time, so the others wait here. A message that was not written to imsg was not sent.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createJSONRPCErrorResponse,
  isJSONRPCResponse,
  JSONRPCClient,
  JSONRPCErrorCode,
  JSONRPCErrorException,
  type JSONRPCID,
} from 'json-rpc-2.0';
import { isGroupChat, type Sender, type Sending, type SendOutcome } from './sender.ts';

export interface ImsgOptions {
  program: string;
  /** Timeout for one message, in milliseconds. */
  timeoutMs?: number;
  /** Maximum wait of a message for the ones before it, in milliseconds. */
  queueMs?: number;
  /** Called with problems of imsg that affect no message. */
  onProblem?(problem: string): void;
}

/** On macOS 26, sends that stalled for two minutes and then succeeded were observed. */
const TIMEOUT_MS = 130_000;
/** A message without a row in chat.db after 180 s is reported as failed; it must not be sent later. */
const QUEUE_MS = 150_000;
const PROBLEM_MAX_CHARACTERS = 500;

/** Error codes of imsg (its docs/rpc.md): too many requests, chat.db not readable, another send in progress. */
const SERVER_BUSY = -32_000;
const DATABASE_UNAVAILABLE = -32_002;
const MUTATION_LANE_BLOCKED = -32_004;
/** Error codes that mean that imsg did not start to send. */
const NOT_STARTED: ReadonlySet<number> = new Set([
  JSONRPCErrorCode.ParseError,
  JSONRPCErrorCode.InvalidRequest,
  JSONRPCErrorCode.MethodNotFound,
  JSONRPCErrorCode.InvalidParams,
  SERVER_BUSY,
  DATABASE_UNAVAILABLE,
  MUTATION_LANE_BLOCKED,
]);
/** Code for errors that imsg did not send. */
const LOCAL_ERROR = 0;
/** Missing Automation permission (as in osascript, and in imsg since 0.14), or Full Disk Access (imsg 0.9). */
const MISSING_PERMISSION = /\(-1743\)|AppleScript error -1743\b|requires Full Disk Access permission/;

interface QueuedSend {
  sending: Sending;
  begin(): void;
  settle(outcome: SendOutcome): void;
}

export function imsgSender(options: ImsgOptions): Sender & { close(): void } {
  const { program, timeoutMs = TIMEOUT_MS, queueMs = QUEUE_MS, onProblem = () => {} } = options;
  const queue = new Set<QueuedSend>();
  let connection: Connection | undefined;
  let isBusy = false;
  let isClosed = false;

  const deliver = async (sending: Sending): Promise<SendOutcome> => {
    if (!isClosed && connection?.isAlive() !== true) {
      try {
        connection = connect(await start(program), onProblem);
      } catch (error) {
        return rejected(startProblem(program, error as NodeJS.ErrnoException));
      }
    }
    if (isClosed || connection === undefined) {
      connection?.end();
      return rejected('The relay agent is stopping.');
    }
    try {
      await connection.request('send', parametersFor(sending), timeoutMs);
      return { kind: 'accepted' };
    } catch (error) {
      connection.end();
      return outcomeOf(error);
    }
  };

  const runQueue = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (const next of queue) {
      queue.delete(next);
      next.begin();
      next.settle(await deliver(next.sending));
    }
    isBusy = false;
  };

  const send = (sending: Sending): Promise<SendOutcome> =>
    new Promise((resolve) => {
      const entry = { sending, begin: () => clearTimeout(timer), settle: resolve };
      const timer = setTimeout(() => {
        queue.delete(entry);
        resolve(rejected(`imsg was busy with other messages for ${queueMs} ms.`));
      }, queueMs);
      queue.add(entry);
      void runQueue();
    });

  const close = () => {
    isClosed = true;
    connection?.end();
  };
  return { send, close };
}

async function start(program: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(program, ['rpc']);
  // Also emitted for signals that could not be delivered.
  child.on('error', () => {});
  await once(child, 'spawn');
  return child;
}

interface Connection {
  isAlive(): boolean;
  /** Rejects with the error of imsg, or with `LOCAL_ERROR` and the reason for the missing response. */
  request(method: string, parameters: Record<string, string>, timeoutMs: number): Promise<void>;
  end(): void;
}

function connect(child: ChildProcessWithoutNullStreams, onProblem: (problem: string) => void): Connection {
  let isAlive = true;
  let isBusy = false;
  let isEndedByUs = false;
  let stderr = '';
  const client = new JSONRPCClient((request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });

  onLines(child.stdout, (line) => {
    const json = parse(line);
    if (json === undefined) onProblem(`imsg wrote a line that is not a JSON object: ${shorten(line)}`);
    else if (isJSONRPCResponse(json)) client.receive(json);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-PROBLEM_MAX_CHARACTERS);
  });
  // `close` follows with the reason.
  child.stdin.on('error', () => {});
  child.on('exit', () => {
    isAlive = false;
  });
  // Not at `exit`: a response may still be in the pipe.
  child.on('close', (status, signal) => {
    const problem = `it exited with ${signal ?? status}${stderr === '' ? '' : `: ${stderr.trim()}`}`;
    if (!isBusy && !isEndedByUs) onProblem(`imsg: ${problem}; it starts again with the next message.`);
    client.rejectAllPendingRequests(problem);
  });

  return {
    isAlive: () => isAlive,
    async request(method, parameters, timeoutMs) {
      const timeoutResponse = (id: JSONRPCID) =>
        createJSONRPCErrorResponse(id, LOCAL_ERROR, `no response within ${timeoutMs} ms`);
      isBusy = true;
      try {
        await client.timeout(timeoutMs, timeoutResponse).request(method, parameters);
      } finally {
        isBusy = false;
      }
    },
    end() {
      isAlive = false;
      isEndedByUs = true;
      client.rejectAllPendingRequests('it was stopped');
      child.kill('SIGKILL');
    },
  };
}

/** imsg rejects unknown parameters; `service` has no effect together with a chat. */
function parametersFor({ to, service, content }: Sending): Record<string, string> {
  return {
    ...(isGroupChat(to) ? { chat_guid: to } : { to, service }),
    ...(content.kind === 'text' ? { text: content.text } : { file: content.path }),
  };
}

function startProblem(program: string, { code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT'
    ? `The program '${program}' was not found. Install imsg with: brew install steipete/tap/imsg`
    : `imsg did not start: ${message}`;
}

function outcomeOf(error: unknown): SendOutcome {
  if (!(error instanceof JSONRPCErrorException)) return { kind: 'unknown', problem: `imsg: ${error}` };
  const { detail, disposition } = readErrorData(error.data);
  const problem = shorten(`imsg: ${[error.message, detail].filter((part) => part !== undefined).join(': ')}`);
  if (error.code === LOCAL_ERROR) return { kind: 'unknown', problem };
  if (MISSING_PERMISSION.test(problem)) return { kind: 'rejected', code: 'permission_denied', problem };
  // For MUTATION_LANE_BLOCKED, `disposition` is that of the other send.
  if (NOT_STARTED.has(error.code) || disposition === 'not_started') return rejected(problem);
  return { kind: 'unknown', problem };
}

/** Reads the error data: a sentence, or since imsg 0.14 an object for failed sends. */
function readErrorData(data: unknown): { detail?: string; disposition?: string } {
  if (typeof data === 'string') return { detail: data };
  if (typeof data !== 'object' || data === null) return {};
  const { detail, disposition } = data as Record<string, unknown>;
  return {
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(typeof disposition === 'string' ? { disposition } : {}),
  };
}

function rejected(problem: string): SendOutcome {
  return { kind: 'rejected', code: 'device_error', problem };
}

function shorten(text: string): string {
  return text.slice(0, PROBLEM_MAX_CHARACTERS);
}

/** Not `node:readline`: it also splits at line separators that are valid inside a JSON string. */
function onLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(line);
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
