/**
 * Handles one request of an operation: authenticates, reads, validates, handles and writes the response. The handler uses
 * Node's request and response, so that it works both behind Express and before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { z } from 'zod';
import { HomingError } from '../core/model/errors.ts';
import type { Api, Authenticated, Connection, Operation, OperationResponse } from './operation.ts';
import { drain, readJson } from './request-body.ts';
import { inTurns } from './stream-turns.ts';
import { type FieldCheck, fieldCheckFor, ignoredFieldsHeader } from './unknown-fields.ts';
import { validate } from './validate.ts';

export interface ServeContext {
  newRequestId(): string;
  /** Receives the complete error of each response with status 500 or higher. */
  onFault(fault: { requestId: string; operation: string; error: unknown }): void;
  /** Exempts the connection of an authenticated device from the limits while the request runs. */
  onDevice?(request: IncomingMessage, response: ServerResponse): void;
  /** Returns the listener for responses of an operation. Called once per operation, so that a response costs no look-up. */
  onResponse?(api: string, operation: string): OnResponse;
}

export type OnResponse = (status: number, milliseconds: number) => void;

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>>,
) => Promise<void>;

/** Time without progress of a streamed response. Event streams send pings more often. */
const STALLED_MS = 20_000;
const NO_PARAMS_QUERY = new URLSearchParams();

export function handlerFor<Caller>(
  api: Api<Caller>,
  operation: Operation<Caller>,
  context: ServeContext,
): Handler {
  const onResponse = context.onResponse?.(api.name, operation.id);
  const { body: bodySchema } = operation;
  const ignoredFieldsOf = bodySchema && fieldCheckFor(bodySchema);
  return async (request, response, params) => {
    const startedAt = onResponse === undefined ? 0 : performance.now();
    let authenticated: Authenticated<Caller> | undefined;
    let result: OperationResponse;
    let ignored: ReturnType<FieldCheck> = [];
    const readBody = async (schema: z.ZodType) => {
      const body = await readJson(request, operation.bodyLimit);
      ignored = ignoredFieldsOf?.(body) ?? ignored;
      return validate(schema, body, 'body');
    };
    try {
      const caller = api.authenticate(request, operation);
      authenticated = caller instanceof Promise ? await caller : caller;
      if (authenticated.error !== undefined) throw authenticated.error;
      if (api.isForDevices === true && authenticated.caller !== undefined)
        context.onDevice?.(request, response);
      const handled = operation.handle({
        caller: authenticated.caller,
        params,
        query:
          operation.query === undefined
            ? undefined
            : validate(operation.query, readQuery(request.url ?? ''), 'query'),
        body: bodySchema === undefined ? undefined : await readBody(bodySchema),
        request,
        connection: new ResponseConnection(response),
      });
      // A delayed response must not keep the caller in memory, unless the caller is checked again.
      if (api.recheck === undefined)
        authenticated = { caller: undefined as Caller, headers: authenticated.headers };
      result = await handled;
    } catch (error) {
      // A key revoked while the body arrived gets 401 rather than an error about the body.
      const accepted = authenticated?.error === undefined ? authenticated : undefined;
      const revoked = accepted && (await recheck(api, accepted.caller));
      result = errorResponse(api, revoked ?? error, operation.id, context);
    }
    const headers: Record<string, string> = {
      'x-request-id': result.headers?.['x-request-id'] ?? context.newRequestId(),
      ...authenticated?.headers,
    };
    if (ignored.length > 0) headers['homing-ignored-fields'] = ignoredFieldsHeader(ignored);
    writeResponse(request, response, result, headers);
    onResponse?.(result.status, performance.now() - startedAt);
  };
}

/** Returns the error of a caller whose key was revoked meanwhile. Undefined if the store cannot be read. */
async function recheck<Caller>(
  api: Pick<Api<Caller>, 'recheck'>,
  caller: Caller,
): Promise<HomingError | undefined> {
  try {
    return await api.recheck?.(caller);
  } catch {
    return undefined;
  }
}

/** Maps any error to a response. An error that is not a HomingError is logged completely and shown without detail. */
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
  const result = api.mapError(known, requestId);
  if (result.status >= 500) context.onFault({ requestId, operation: operationId, error });
  const headers: Record<string, string> = { ...result.headers, 'x-request-id': requestId };
  if (known.retryAfterSeconds !== undefined) headers['retry-after'] = String(known.retryAfterSeconds);
  return { ...result, headers };
}

/** Adds the headers of the result to `ownHeaders`, which no other response may share. */
export function writeResponse(
  request: IncomingMessage,
  response: ServerResponse,
  result: OperationResponse,
  ownHeaders: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) {
    result.stream?.onClose?.();
    return;
  }
  // A copy of the headers of each response costs more than the rest of this function.
  const headers: Record<string, string | number> = ownHeaders;
  headers['x-content-type-options'] = 'nosniff';
  if (result.headers !== undefined) Object.assign(headers, result.headers);
  if (!request.complete && hasBody(request)) drain(request);
  if (result.stream !== undefined) {
    headers['content-type'] = result.contentType ?? 'application/octet-stream';
    if (result.stream.size !== undefined) headers['content-length'] = result.stream.size;
    const { onClose } = result.stream;
    if (onClose !== undefined) response.once('close', onClose);
    // A client that does not read is disconnected, because it holds the buffers of its stream.
    response.setTimeout(STALLED_MS);
    response.writeHead(result.status, headers);
    if (request.method === 'HEAD') response.end();
    // The client detects an aborted stream: the connection ends before the announced length.
    else pipeline(Readable.from(inTurns(result.stream.chunks)), response, () => {});
    return;
  }
  if (result.body === undefined) {
    if (result.status !== 204 && result.status !== 304) headers['content-length'] = 0;
    response.writeHead(result.status, headers).end();
    return;
  }
  const text = typeof result.body === 'string' ? result.body : JSON.stringify(result.body);
  headers['content-type'] = result.contentType ?? 'application/json; charset=utf-8';
  headers['content-length'] = Buffer.byteLength(text);
  // Clients do not cache responses to other methods.
  if (request.method === 'GET') headers['cache-control'] ??= 'no-store';
  response.writeHead(result.status, headers).end(text);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Parses the query. A repeated parameter becomes a list, which every schema rejects. */
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
