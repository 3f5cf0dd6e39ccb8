/**
 * One request from its operation's value to its answer: authenticate, read, check, handle, write. It works on
 * Node's own request and response, so that the same function serves behind Express and ahead of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { HomingError } from '../core/model/errors.ts';
import type { Api, Authenticated, Connection, Operation, OperationResponse } from './operation.ts';
import { drain, readJson } from './request-body.ts';
import { validate } from './validate.ts';

export interface ServeContext {
  newRequestId(): string;
  /** Called for answers of 500 and up, with the whole error. */
  onFault(fault: { requestId: string; operation: string; error: unknown }): void;
  /** Gives what is told of each answer to an operation. It is asked for once, so that telling costs no look-up. */
  onResponse?(api: string, operation: string): OnResponse;
}

export type OnResponse = (status: number, milliseconds: number) => void;

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>>,
) => Promise<void>;

const NO_PARAMS_QUERY = new URLSearchParams();

export function handlerFor<Caller>(
  api: Api<Caller>,
  operation: Operation<Caller>,
  context: ServeContext,
): Handler {
  const onResponse = context.onResponse?.(api.name, operation.id);
  return async (request, response, params) => {
    const startedAt = onResponse === undefined ? 0 : performance.now();
    let authenticated: Authenticated<Caller> | undefined;
    let answer: OperationResponse;
    try {
      const caller = api.authenticate(request, operation);
      authenticated = caller instanceof Promise ? await caller : caller;
      if (authenticated.error !== undefined) throw authenticated.error;
      const handled = operation.handle({
        caller: authenticated.caller,
        params,
        query:
          operation.query === undefined
            ? undefined
            : validate(operation.query, readQuery(request.url ?? ''), 'query'),
        body:
          operation.body === undefined
            ? undefined
            : validate(operation.body, await readJson(request, operation.bodyLimit), 'body'),
        request,
        connection: new ResponseConnection(response),
      });
      // An answer may take its time; who asked is needed no longer, unless to be looked at again.
      if (api.recheck === undefined)
        authenticated = { caller: undefined as Caller, headers: authenticated.headers };
      answer = await handled;
    } catch (error) {
      // A key that was revoked while its body arrived is told so before anything about the body.
      const isLate = authenticated !== undefined && authenticated.error === undefined;
      const revoked = isLate ? await api.recheck?.(authenticated!.caller) : undefined;
      answer = errorResponse(api, revoked ?? error, operation.id, context);
    }
    writeResponse(request, response, answer, authenticated?.headers);
    onResponse?.(answer.status, performance.now() - startedAt);
  };
}

/** The answer to an error, whatever it is: what is not a HomingError is logged whole and shown bare. */
export function errorResponse(
  api: Pick<Api<never>, 'mapError'>,
  error: unknown,
  operationId: string,
  context: ServeContext,
): OperationResponse {
  const requestId = context.newRequestId();
  const known =
    error instanceof HomingError
      ? error
      : new HomingError('internal_error', 'Something went wrong on our side.', { cause: error });
  const answer = api.mapError(known, requestId);
  if (answer.status >= 500) context.onFault({ requestId, operation: operationId, error });
  const headers: Record<string, string> = { ...answer.headers, 'x-request-id': requestId };
  if (known.retryAfterSeconds !== undefined) headers['retry-after'] = String(known.retryAfterSeconds);
  return { ...answer, headers };
}

export function writeResponse(
  request: IncomingMessage,
  response: ServerResponse,
  answer: OperationResponse,
  extra?: Record<string, string>,
): void {
  if (response.headersSent || response.destroyed) return;
  const headers: Record<string, string | number> = { ...extra, ...answer.headers };
  if (!request.complete && hasBody(request)) drain(request);
  if (answer.stream !== undefined) {
    headers['content-type'] = answer.contentType ?? 'application/octet-stream';
    if (answer.stream.size !== undefined) headers['content-length'] = answer.stream.size;
    response.writeHead(answer.status, headers);
    if (request.method === 'HEAD') response.end();
    // One that breaks off shows: the connection ends before the promised length.
    else pipeline(Readable.from(answer.stream.chunks), response, () => {});
    return;
  }
  if (answer.body === undefined) {
    if (answer.status !== 204 && answer.status !== 304) headers['content-length'] = 0;
    response.writeHead(answer.status, headers).end();
    return;
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  headers['content-type'] = answer.contentType ?? 'application/json; charset=utf-8';
  headers['content-length'] = Buffer.byteLength(text);
  // Answers to other methods are not kept anyway.
  if (request.method === 'GET') headers['cache-control'] ??= 'no-store';
  response.writeHead(answer.status, headers).end(text);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Each parameter once; one that is given twice becomes a list, which no schema here takes. */
function readQuery(url: string): Record<string, string | string[]> {
  const start = url.indexOf('?');
  const search = start < 0 ? NO_PARAMS_QUERY : new URLSearchParams(url.slice(start + 1));
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of search) {
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
}

class ResponseConnection implements Connection {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  isOpen(): boolean {
    return !this.#response.destroyed && this.#response.socket !== null && !this.#response.socket.destroyed;
  }

  onGone(listener: () => void): void {
    const response = this.#response;
    response.once('close', () => {
      if (!response.writableEnded) listener();
    });
  }
}
