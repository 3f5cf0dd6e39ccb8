/**
 * Lets the commands of the owner query the running agent, by HTTP over a Unix domain socket in the data folder.
 *
 * - `GET /status` returns the state of the agent.
 * - `POST /checks` runs the checks of Messages in the process of the agent, and streams one finding per line. macOS binds
 *   permissions to this process, so only its results count.
 * - Only the owner can connect. Requests have no content, and one request runs checks at a time.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Check, type Finding, runChecks } from './check.ts';

/** macOS stores at most 104 bytes with the final zero byte; Linux 108. */
const PATH_MAX_BYTES = 103;
const CONNECTIONS_MAX = 8;
const STATUS_MAX_MS = 5_000;
/** The checks wait for dialogs of macOS, and for the row of the test message. */
const CHECKS_MAX_MS = 5 * 60_000;
const SEND_TEST_MAX_CHARACTERS = 40;

const agentStatus = z.object({
  pid: z.number(),
  /** Id of the installed version, or the version of a program that is not installed. */
  version: z.string(),
  /** Path of Node; macOS binds the permissions to it. */
  program: z.string(),
  node: z.string(),
  connected: z.boolean(),
});
export type AgentStatus = z.infer<typeof agentStatus>;

const finding = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  fix: z.string().nullable(),
}) satisfies z.ZodType<Finding>;

export interface ChecksRequest {
  /** Recipient of a test message; an empty string is the paired number, undefined is none. */
  sendTest: string | undefined;
}

export interface AgentSocketOptions {
  file: string;
  status(): AgentStatus;
  checks(request: ChecksRequest): readonly Check[];
  onProblem(problem: string): void;
}

/** Resolves to a function that closes the socket. A failure is reported, and the agent runs without a socket. */
export async function openAgentSocket(options: AgentSocketOptions): Promise<() => void> {
  const { file, onProblem } = options;
  if (Buffer.byteLength(file) > PATH_MAX_BYTES) {
    onProblem(
      `The path ${file} is too long for a socket (${PATH_MAX_BYTES} bytes), so the doctor cannot query the agent.`,
    );
    return () => {};
  }
  if ((await agentStatusAt(file)) !== undefined) {
    onProblem(`Another agent uses ${file}. Stop it, or choose another folder with --data-dir.`);
    return () => {};
  }
  let isChecking = false;
  const server = createServer(
    { requestTimeout: STATUS_MAX_MS, maxHeaderSize: 4_096 },
    (request, response) => {
      const isBusy = isChecking;
      const isRun = request.method === 'POST' && urlOf(request).pathname === '/checks';
      if (isRun) isChecking = true;
      void respond(options, request, response, isBusy).finally(() => {
        if (isRun && !isBusy) isChecking = false;
      });
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  // The agent exits although the socket is open.
  server.unref();
  // A socket that a killed agent left behind would prevent the start.
  rmSync(file, { force: true });
  const mask = process.umask(0o177);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  process.umask(mask);
  try {
    await listening;
    chmodSync(file, 0o600);
  } catch (error) {
    onProblem(
      `Cannot open the socket ${file}: ${(error as Error).message}. The doctor cannot query the agent.`,
    );
  }
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

const urlOf = ({ url }: IncomingMessage) => new URL(url ?? '/', 'http://agent');

async function respond(
  { status, checks }: AgentSocketOptions,
  request: IncomingMessage,
  response: ServerResponse,
  isBusy: boolean,
): Promise<void> {
  const { pathname, searchParams } = urlOf(request);
  const sendTest = searchParams.get('send_test') ?? undefined;
  request.resume();
  switch (`${request.method} ${pathname}`) {
    case 'GET /status':
      response.end(JSON.stringify(status()));
      return;
    case 'POST /checks':
      if (isBusy || (sendTest?.length ?? 0) > SEND_TEST_MAX_CHARACTERS) {
        response.writeHead(isBusy ? 429 : 400).end();
        return;
      }
      response.flushHeaders();
      await runChecks(checks({ sendTest }), (found) => response.write(`${JSON.stringify(found)}\n`));
      response.end();
      return;
    default:
      response.writeHead(404).end();
  }
}

/** Returns the state of the agent; undefined if none responds. */
export async function agentStatusAt(file: string): Promise<AgentStatus | undefined> {
  try {
    const lines = await send(file, 'GET', '/status', STATUS_MAX_MS, () => {});
    return agentStatus.parse(JSON.parse(lines.join('')));
  } catch {
    return undefined;
  }
}

/** Runs the checks in the agent. @throws Error if the agent ends, or runs checks for another command. */
export async function runChecksInAgent(
  file: string,
  { sendTest }: ChecksRequest,
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const query = sendTest === undefined ? '' : `?${new URLSearchParams({ send_test: sendTest })}`;
  const findings: Finding[] = [];
  await send(file, 'POST', `/checks${query}`, CHECKS_MAX_MS, (line) => {
    const found = finding.parse(JSON.parse(line));
    findings.push(found);
    onFinding(found);
  });
  return findings;
}

function send(
  file: string,
  method: string,
  path: string,
  timeoutMs: number,
  onLine: (line: string) => void,
): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = request({ socketPath: file, method, path, signal, agent: false }, (response) => {
    if (response.statusCode === 429) reject(new Error('it runs checks for another command'));
    else if (response.statusCode !== 200) reject(new Error(`it returned status ${response.statusCode}`));
    const lines: string[] = [];
    // The interface also emits the errors of the response.
    const reader = createInterface(response).on('error', () => reject(new Error('it closed the connection')));
    reader.on('line', (line) => {
      try {
        onLine(line);
        lines.push(line);
      } catch (error) {
        sent.destroy(error as Error);
      }
    });
    response.on('close', () => resolve(lines));
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}
