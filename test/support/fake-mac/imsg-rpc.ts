/**
 * Fakes `imsg rpc`: JSON-RPC 2.0 over standard input and output, one object per line, as strict as its documentation
 * (openclaw/imsg docs/rpc.md). Mutations run one after the other; up to four reads run beside them.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ImsgBehaviour } from './imsg.ts';
import { METHODS } from './imsg-methods.ts';
import { RpcError } from './imsg-parameters.ts';
import { deliveryError, type Lane, World } from './imsg-world.ts';

interface Request {
  id: unknown;
  isNotification: boolean;
  method: string;
  params: Record<string, unknown>;
}

const OUTSTANDING_MAX = 128;
const READS_MAX = 4;
/** Methods of versions before 0.14 that the stand-in knows. */
const OLD_METHODS = [
  'send',
  'message.send_status',
  'handles.check',
  'typing',
  'read',
  'tapback',
  'send.rich',
];

const writeLine = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const respond = (request: Request, answer: object) => {
  if (!request.isNotification) writeLine({ jsonrpc: '2.0', id: request.id, ...answer });
};
const fail = (request: Request, { code, message, data }: RpcError) =>
  respond(request, { error: { code, message, data } });

async function serve(folder: string): Promise<void> {
  const world = new World(folder);
  const { isOld } = world.settings();
  const queues: Record<Lane, Request[]> = { mutation: [], read: [], control: [] };
  const running: Record<Lane, number> = { mutation: 0, read: 0, control: 0 };
  const limits: Record<Lane, number> = { mutation: 1, read: READS_MAX, control: 1 };
  let outstanding = 0;
  let poison: RpcError | undefined;

  const handle = async (request: Request, lane: Lane): Promise<void> => {
    const { method, params } = request;
    if (lane !== 'control') world.record(lane, { pid: process.pid, method, parameters: params });
    let behaviour: ImsgBehaviour = 'deliver';
    const act = async (name: string, target: string) => {
      behaviour = world.behaviour(name, target);
      await carryOut(behaviour, world, name);
    };
    try {
      if (lane === 'mutation' && poison !== undefined) throw laneBlocked(poison);
      const found = METHODS[method];
      if (found === undefined) throw new RpcError(-32601, 'Method not found', method);
      const result = await found.run(params, world, act);
      if (is(behaviour, 'deliver, then die without a response')) process.exit(3);
      respond(request, { result });
      if (is(behaviour, 'deliver, then die')) process.exit(3);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { disposition } = Object(error.data);
      if (lane === 'mutation' && error.code === -32001 && disposition === 'still_in_flight') poison = error;
      fail(request, error);
    }
  };

  const pump = (lane: Lane): void => {
    while (running[lane] < limits[lane] && queues[lane].length > 0) {
      const request = queues[lane].shift()!;
      running[lane] += 1;
      void handle(request, lane).finally(() => {
        running[lane] -= 1;
        outstanding -= 1;
        pump(lane);
      });
    }
  };

  for await (const line of linesOf(process.stdin)) {
    const request = parseRequest(line);
    if (request instanceof RpcError) {
      fail({ id: null, isNotification: false, method: '', params: {} }, request);
      continue;
    }
    if (outstanding >= OUTSTANDING_MAX) {
      fail(request, new RpcError(-32000, 'Server busy', 'outstanding request limit exceeded'));
      continue;
    }
    if (isOld && !OLD_METHODS.includes(request.method)) {
      fail(request, new RpcError(-32601, 'Method not found', request.method));
      continue;
    }
    outstanding += 1;
    const lane = isOld ? 'mutation' : (METHODS[request.method]?.lane ?? 'control');
    queues[lane].push(request);
    pump(lane);
  }
}

function parseRequest(line: string): Request | RpcError {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    return new RpcError(-32700, 'Parse error', 'invalid JSON');
  }
  if (typeof value !== 'object' || value === null || value.jsonrpc !== '2.0') {
    return new RpcError(-32600, 'Invalid Request', 'jsonrpc must be "2.0"');
  }
  const { id, method, params = {} } = value;
  if (typeof method !== 'string' || method === '')
    return new RpcError(-32600, 'Invalid Request', 'method is required');
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return new RpcError(-32602, 'Invalid params', 'params must be an object');
  }
  return { id, isNotification: !('id' in value), method, params: params as Record<string, unknown> };
}

function laneBlocked({ data }: RpcError): RpcError {
  const detail = 'A prior send remains in flight. Restart the RPC child before sending another mutation.';
  return new RpcError(-32004, 'Mutation lane blocked', { ...Object(data), detail });
}

/** `behaviour` is set inside `act`, which TypeScript does not see. */
const is = (behaviour: ImsgBehaviour, name: ImsgBehaviour) => behaviour === name;

/** Throws the error of the behaviour, or never returns, or returns before the delivery. */
async function carryOut(behaviour: ImsgBehaviour, world: World, method: string): Promise<void> {
  switch (behaviour) {
    case 'deliver':
    case 'deliver, then die':
    case 'deliver, then die without a response':
      return;
    case 'deliver after other lines':
      process.stderr.write('contacts are slow today\n');
      process.stdout.write('Welcome!\n\nnull\n');
      writeLine({ jsonrpc: '2.0', method: 'message', params: { subscription: 1 } });
      writeLine({ jsonrpc: '2.0', id: 4711, result: { ok: true } });
      return;
    case 'deliver after the release':
      while (!world.isReleased()) await wait(10);
      return;
    case 'no response':
      return await new Promise(() => {});
    case 'die':
      process.stderr.write('Fatal error: out of luck\n');
      return process.exit(70);
    case 'endless line': {
      const megabyte = 'x'.repeat(1_000_000);
      for (let written = 0; written < 300; written += 1) process.stdout.write(megabyte);
      return await new Promise(() => {});
    }
    case 'endless garbage':
      for (let line = 0; line < 10_000; line += 1) process.stdout.write(`garbage ${line}\n`);
      return;
    case 'quote the text':
      throw new RpcError(-32603, 'Internal error', `AppleScript failed: ${world.lastRequest()}`);
    case 'no such method':
      throw new RpcError(-32601, 'Method not found', method);
    case 'server busy':
      throw new RpcError(-32000, 'Server busy', 'outstanding request limit exceeded');
    case 'automation denied':
      throw scriptFailed('execution error: Not authorized to send Apple events to Messages. (-1743)');
    case 'automation denied, since 0.14':
      throw deliveryError('not_started', 'Messages automation failed with AppleScript error -1743.');
    case 'no disk access':
      throw new RpcError(
        -32603,
        'Internal error',
        'The Messages database at /Users/me/Library/Messages/chat.db requires Full Disk Access permission.',
      );
    case 'script failed':
      throw scriptFailed('Messages got an error: AppleEvent timed out. (-1712)');
    case 'not started':
      throw deliveryError('not_started', 'The attachment could not be staged before dispatch.');
    case 'no such chat':
      throw deliveryError('not_started', 'Messages automation failed with AppleScript error -1728.');
    case 'outcome unknown':
      throw deliveryError(
        'may_have_completed',
        'No matching outgoing text row was observed within 8 seconds.',
      );
    case 'still in flight':
      throw deliveryError('still_in_flight', 'The script can still be running.');
    case 'lane blocked':
      throw new RpcError(-32004, 'Mutation lane blocked', {
        ...Object(deliveryError('still_in_flight', 'A prior send remains in flight.').data),
      });
  }
}

function scriptFailed(why: string): RpcError {
  return new RpcError(-32603, 'Internal error', `AppleScript failed: ${why}`);
}

/** Splits lines like Swift. `node:readline` also splits at U+2028 inside texts. */
async function* linesOf(stream: NodeJS.ReadStream): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

const [, script, folder, command] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  if (folder === undefined || command !== 'rpc') {
    process.stderr.write(`imsg: unknown command ${command}\n`);
    process.exit(64);
  }
  await serve(folder);
}
