/**
 * Sends through `imsg rpc` (github.com/openclaw/imsg): JSON-RPC 2.0, one object a line on standard input and
 * output. One process serves all messages. It starts with the first one, and anew with the next one after it
 * died or answered with an error, since imsg sends nothing more after a send that may still be going on, and
 * macOS gives a program only the permissions that it had at its start. imsg sends one message after the other,
 * so the others wait here: what was never written to it surely was not sent.
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
  /** How long imsg may take over one message. */
  answerMs?: number;
  /** How long a message waits for those before it. */
  turnMs?: number;
  /** What goes wrong while imsg has no message to send. */
  onProblem?(problem: string): void;
}

/** Sends that stalled for two minutes and went out all the same have been seen on macOS 26. */
const ANSWER_MS = 130_000;
/** A message that has no row in chat.db after 180 s counts as failed; it should not go out after that. */
const TURN_MS = 150_000;
const PROBLEM_MAX_CHARACTERS = 500;

/** imsg's own codes (its docs/rpc.md): it was asked for too much, cannot open chat.db, waits for another send. */
const SERVER_BUSY = -32_000;
const DATABASE_UNAVAILABLE = -32_002;
const MUTATION_LANE_BLOCKED = -32_004;
/** With these, imsg did not begin to send. */
const NOT_BEGUN: ReadonlySet<number> = new Set([
  JSONRPCErrorCode.ParseError,
  JSONRPCErrorCode.InvalidRequest,
  JSONRPCErrorCode.MethodNotFound,
  JSONRPCErrorCode.InvalidParams,
  SERVER_BUSY,
  DATABASE_UNAVAILABLE,
  MUTATION_LANE_BLOCKED,
]);
/** The library's code for errors that no peer sent. */
const LOCAL_ERROR = 0;
/** Automation as osascript says it, and imsg since 0.14; Full Disk Access, without which imsg 0.9 sends nothing. */
const MISSING_PERMISSION = /\(-1743\)|AppleScript error -1743\b|requires Full Disk Access permission/;

interface Waiting {
  sending: Sending;
  begin(): void;
  settle(outcome: SendOutcome): void;
}

export function imsgSender(options: ImsgOptions): Sender & { close(): void } {
  const { program, answerMs = ANSWER_MS, turnMs = TURN_MS, onProblem = () => {} } = options;
  const waiting = new Set<Waiting>();
  let connection: Connection | undefined;
  let isBusy = false;
  let isClosed = false;

  const deliver = async (sending: Sending): Promise<SendOutcome> => {
    if (!isClosed && connection?.isAlive() !== true) {
      try {
        connection = connect(await start(program), onProblem);
      } catch (error) {
        return refused(startProblem(program, error as NodeJS.ErrnoException));
      }
    }
    if (isClosed || connection === undefined) {
      connection?.end();
      return refused('The relay agent is stopping.');
    }
    try {
      await connection.ask('send', parametersFor(sending), answerMs);
      return { kind: 'handed' };
    } catch (error) {
      connection.end();
      return outcomeOf(error);
    }
  };

  const pump = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (const next of waiting) {
      waiting.delete(next);
      next.begin();
      next.settle(await deliver(next.sending));
    }
    isBusy = false;
  };

  const send = (sending: Sending): Promise<SendOutcome> =>
    new Promise((resolve) => {
      const entry = { sending, begin: () => clearTimeout(patience), settle: resolve };
      const patience = setTimeout(() => {
        waiting.delete(entry);
        resolve(refused(`imsg was busy with other messages for ${turnMs} ms.`));
      }, turnMs);
      waiting.add(entry);
      void pump();
    });

  const close = () => {
    isClosed = true;
    connection?.end();
  };
  return { send, close };
}

async function start(program: string): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(program, ['rpc']);
  // It also tells of signals that did not arrive.
  child.on('error', () => {});
  await once(child, 'spawn');
  return child;
}

interface Connection {
  isAlive(): boolean;
  /** Rejects with what imsg answered, or with `LOCAL_ERROR` and why there is no answer. */
  ask(method: string, parameters: Record<string, string>, answerMs: number): Promise<void>;
  end(): void;
}

function connect(child: ChildProcessWithoutNullStreams, onProblem: (problem: string) => void): Connection {
  let isAlive = true;
  let isAsked = false;
  let isEndedByUs = false;
  let complaint = '';
  const client = new JSONRPCClient((request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });

  onLines(child.stdout, (line) => {
    const said = parse(line);
    if (said === undefined) onProblem(`imsg wrote a line that is no JSON object: ${shorten(line)}`);
    else if (isJSONRPCResponse(said)) client.receive(said);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-PROBLEM_MAX_CHARACTERS);
  });
  // A process that is gone closes, and says more by that.
  child.stdin.on('error', () => {});
  child.on('exit', () => {
    isAlive = false;
  });
  // Not at `exit`: an answer may still be in the pipe.
  child.on('close', (status, signal) => {
    const problem = `it ended with ${signal ?? status}${complaint === '' ? '' : `: ${complaint.trim()}`}`;
    if (!isAsked && !isEndedByUs) onProblem(`imsg: ${problem}; it starts again with the next message.`);
    client.rejectAllPendingRequests(problem);
  });

  return {
    isAlive: () => isAlive,
    async ask(method, parameters, answerMs) {
      const inVain = (id: JSONRPCID) =>
        createJSONRPCErrorResponse(id, LOCAL_ERROR, `there was no answer within ${answerMs} ms`);
      isAsked = true;
      try {
        await client.timeout(answerMs, inVain).request(method, parameters);
      } finally {
        isAsked = false;
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

/** imsg refuses parameters that it does not know, and a `service` says nothing where the chat is given. */
function parametersFor({ to, service, content }: Sending): Record<string, string> {
  return {
    ...(isGroupChat(to) ? { chat_guid: to } : { to, service }),
    ...(content.kind === 'text' ? { text: content.text } : { file: content.path }),
  };
}

function startProblem(program: string, { code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT'
    ? `There is no program '${program}'. Install imsg with: brew install steipete/tap/imsg`
    : `imsg did not start: ${message}`;
}

function outcomeOf(error: unknown): SendOutcome {
  if (!(error instanceof JSONRPCErrorException)) return { kind: 'unclear', problem: `imsg: ${error}` };
  const { detail, disposition } = readErrorData(error.data);
  const problem = shorten(`imsg: ${[error.message, detail].filter((part) => part !== undefined).join(': ')}`);
  if (error.code === LOCAL_ERROR) return { kind: 'unclear', problem };
  if (MISSING_PERMISSION.test(problem)) return { kind: 'refused', code: 'permission_denied', problem };
  // A blocked lane tells the disposition of the send that blocks it.
  if (NOT_BEGUN.has(error.code) || disposition === 'not_started') return refused(problem);
  return { kind: 'unclear', problem };
}

/** A sentence; since imsg 0.14 an object where a send went wrong. */
function readErrorData(data: unknown): { detail?: string; disposition?: string } {
  if (typeof data === 'string') return { detail: data };
  if (typeof data !== 'object' || data === null) return {};
  const { detail, disposition } = data as Record<string, unknown>;
  return {
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(typeof disposition === 'string' ? { disposition } : {}),
  };
}

function refused(problem: string): SendOutcome {
  return { kind: 'refused', code: 'device_error', problem };
}

function shorten(text: string): string {
  return text.slice(0, PROBLEM_MAX_CHARACTERS);
}

/** Not `node:readline`, for which some characters inside a JSON string end a line too. */
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
