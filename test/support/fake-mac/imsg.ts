/**
 * Fakes `imsg rpc`: JSON-RPC 2.0 over standard input and output, one object per line, one request at a time, with
 * the strict parameter validation of imsg. `behaviour.json` in its folder sets the behaviour for each recipient;
 * each send is recorded in `calls.jsonl`. `installImsg` creates the program.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ImsgBehaviour =
  | 'deliver'
  | 'deliver, then die'
  | 'deliver after other lines'
  | 'no response'
  | 'die'
  | 'no such method'
  | 'automation denied'
  | 'automation denied, since 0.14'
  | 'no disk access'
  | 'script failed'
  | 'not started'
  | 'outcome unknown'
  | 'lane blocked';

export interface ImsgCall {
  /** Process id of the fake. */
  pid: number;
  parameters: Record<string, unknown>;
}

export interface FakeImsg {
  program: string;
  behave(to: string, behaviour: ImsgBehaviour): void;
  /** Returns every received `send`, in order. */
  calls(): ImsgCall[];
  remove(): void;
}

export function installImsg(): FakeImsg {
  const folder = mkdtempSync(join(tmpdir(), 'homing-imsg-'));
  const program = join(folder, 'imsg');
  const behaviours: Record<string, ImsgBehaviour> = {};
  const script = fileURLToPath(import.meta.url);
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${script}' '${folder}' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  writeFileSync(join(folder, 'behaviour.json'), '{}');
  return {
    program,
    behave(to, behaviour) {
      behaviours[to] = behaviour;
      writeFileSync(join(folder, 'behaviour.json'), JSON.stringify(behaviours));
    },
    calls() {
      const file = join(folder, 'calls.jsonl');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const SEND_PARAMETERS = new Set([
  ...['to', 'chat_id', 'chat_identifier', 'chat_guid', 'text', 'file', 'service', 'region', 'transport'],
  'allow_sms_fallback',
]);

const writeLine = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const invalidParameters = (why: string) => new RpcError(-32602, 'Invalid params', why);
const scriptFailed = (why: string) => new RpcError(-32603, 'Internal error', `AppleScript failed: ${why}`);
/** Error data of a failed send since 0.14. */
const deliveryData = (disposition: string, detail: string) => ({
  retry_safe: disposition === 'not_started',
  disposition,
  transport: 'applescript',
  operation: 'send',
  detail,
});

/** Splits lines like Swift. `node:readline` also splits at U+2028 inside texts. */
async function* linesOf(stream: NodeJS.ReadStream): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function serve(folder: string): Promise<void> {
  for await (const line of linesOf(process.stdin)) {
    const { jsonrpc, id, method, params } = JSON.parse(line);
    const request = { jsonrpc: '2.0', id };
    try {
      if (jsonrpc !== '2.0') throw new RpcError(-32600, 'Invalid Request', 'jsonrpc must be "2.0"');
      if (method !== 'send') throw new RpcError(-32601, 'Method not found', method);
      appendFileSync(
        join(folder, 'calls.jsonl'),
        `${JSON.stringify({ pid: process.pid, parameters: params })}\n`,
      );
      const hasResponse = send(folder, params);
      if (hasResponse)
        writeLine({ ...request, result: { ok: true, transport: 'applescript', id: 7, guid: 'G-7' } });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const { code, message, data } = error;
      writeLine({ ...request, error: { code, message, data } });
    }
    if (behaviourFor(folder, params) === 'deliver, then die') process.exit(3);
  }
}

function behaviourFor(folder: string, { to, chat_guid }: Record<string, string>): ImsgBehaviour {
  return JSON.parse(readFileSync(join(folder, 'behaviour.json'), 'utf8'))[to ?? chat_guid ?? ''] ?? 'deliver';
}

/** Returns whether there is a response. */
function send(folder: string, parameters: Record<string, string>): boolean {
  for (const [name, value] of Object.entries(parameters)) {
    if (!SEND_PARAMETERS.has(name)) throw invalidParameters(`unknown parameter ${name}`);
    if (typeof value !== 'string') throw invalidParameters(`${name} must be a string`);
  }
  const { to, chat_guid, text = '', file = '', service = 'auto' } = parameters;
  if ((to === undefined) === (chat_guid === undefined)) throw invalidParameters('use to or chat_*; not both');
  if (text === '' && file === '') throw invalidParameters('text or file is required');
  if (!['imessage', 'sms', 'auto'].includes(service)) throw invalidParameters('invalid service');

  switch (behaviourFor(folder, parameters)) {
    case 'deliver':
    case 'deliver, then die':
      return true;
    case 'deliver after other lines':
      process.stderr.write('contacts are slow today\n');
      process.stdout.write('Welcome!\n\nnull\n');
      writeLine({ jsonrpc: '2.0', method: 'message', params: { subscription: 1 } });
      writeLine({ jsonrpc: '2.0', id: 4711, result: { ok: true } });
      return true;
    case 'no response':
      return false;
    case 'die':
      process.stderr.write('Fatal error: out of luck\n');
      return process.exit(70);
    case 'no such method':
      throw new RpcError(-32601, 'Method not found', 'send');
    case 'automation denied':
      throw scriptFailed('execution error: Not authorized to send Apple events to Messages. (-1743)');
    case 'automation denied, since 0.14': {
      const detail = 'Messages automation failed with AppleScript error -1743.';
      throw new RpcError(-32603, 'Delivery failed before dispatch', deliveryData('not_started', detail));
    }
    case 'no disk access':
      throw new RpcError(
        -32603,
        'Internal error',
        'The Messages database at /Users/me/Library/Messages/chat.db requires Full Disk Access permission.',
      );
    case 'script failed':
      throw scriptFailed('Messages got an error: AppleEvent timed out. (-1712)');
    case 'not started': {
      const detail = 'The attachment could not be staged before dispatch.';
      throw new RpcError(-32603, 'Delivery failed before dispatch', deliveryData('not_started', detail));
    }
    case 'outcome unknown': {
      const detail = 'No matching outgoing text row was observed within 8 seconds.';
      throw new RpcError(-32001, 'Delivery outcome unknown', deliveryData('may_have_completed', detail));
    }
    case 'lane blocked': {
      const detail = 'A prior send remains in flight.';
      throw new RpcError(-32004, 'Mutation lane blocked', deliveryData('still_in_flight', detail));
    }
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
