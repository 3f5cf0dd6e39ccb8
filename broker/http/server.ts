/**
 * Serves the operations over HTTP: frequent ones directly, the others through Express. Unknown paths get 404 and unknown
 * methods 405 with `Allow`, in the error format of the API with the most similar paths. Protocol errors that Node detects
 * before there is a request use the format of the first API.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import express from 'express';
import { HomingError } from '../core/model/errors.ts';
import type { Connections, ExceededLimit } from './connections.ts';
import {
  errorResponse,
  type Handler,
  handlerFor,
  type ServeContext,
  writeResponse,
} from './handle-request.ts';
import type { AnyApi, Authenticated, Operation } from './operation.ts';

export interface HttpOptions {
  /** The error format of the first API also applies to paths of no API. */
  apis: readonly AnyApi[];
  context: ServeContext;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections: Connections;
}

const HEADERS_TIMEOUT_MS = 15_000;
/** Node checks the two timeouts of a request at this interval. */
const TIMEOUT_CHECK_MS = 5_000;
/** Allows a large attachment over a slow connection. JSON bodies have a shorter timeout. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const KEEP_ALIVE_MS = 65_000;
/** Time without any traffic during a request. Longer than the wait of a long-poll. */
const SILENT_MAX_MS = 90_000;
/** Time for a client to read the error of an invalid request. */
const LINGER_MS = 1_000;
/** Paths that the broker serves beyond the limits of connections: health checks and the APIs of devices. */
const ALWAYS_SERVED = /^\/(?:healthz|readyz|relay\/|shortcuts\/)/;
const HEADERS_MAX_BYTES = 16 * 1024;

export function createHttpServer({ apis, context, upgrade, connections }: HttpOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const hot = new Map<string, Handler>();
  for (const api of apis) mount(app, hot, api, context);

  const [fallback] = apis;
  if (fallback === undefined) throw new Error('The server needs at least one API.');
  app.use((request, response) => {
    const error = new HomingError('not_found', `There is no ${request.path.slice(0, 200)} here.`);
    return respondWithError(apiOf(apis, request.path), error, request, response, context);
  });
  app.use(((error, request, response, _next) =>
    respondWithError(
      apiOf(apis, request.path),
      isBadUrl(error) ? badPath() : error,
      request,
      response,
      context,
    )) as express.ErrorRequestHandler);

  const server = createServer(
    {
      maxHeaderSize: HEADERS_MAX_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Java's client offers h2c with every request and expects a plain response.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
      // Checked below, so that the error has our format.
      requireHostHeader: false,
    },
    (request, response) => {
      const hosts = hostCount(request);
      if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) {
        const problem = hosts === 0 ? 'The Host header is missing.' : 'There is more than one Host header.';
        const error = new HomingError('invalid_request', problem);
        void respondWithError(fallback, error, request, response, context, { connection: 'close' });
        return;
      }
      const url = request.url ?? '/';
      const exceeded = connections.begin(request.socket, response);
      if (exceeded !== undefined && !ALWAYS_SERVED.test(url)) {
        const error = tooManyConnections(exceeded);
        void respondWithError(apiOf(apis, url), error, request, response, context, { connection: 'close' });
        return;
      }
      const query = url.indexOf('?');
      const handler = hot.get(`${request.method} ${query < 0 ? url : url.slice(0, query)}`);
      if (handler === undefined) {
        app(request, response);
        return;
      }
      // Express does the same for its requests: a failed request must not end the broker.
      handler(request, response, {}).catch((error: unknown) => {
        context.onFault({ requestId: context.newRequestId(), operation: 'unknown', error });
        response.destroy();
      });
    },
  );
  server.timeout = SILENT_MAX_MS;
  server.on('connection', (socket) => connections.add(socket));
  server.on('upgrade', upgrade);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [status, text] =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'The request headers are too large.']
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? ['408 Request Timeout', 'The request did not arrive in time.']
          : ['400 Bad Request', 'The request is not valid HTTP.'];
    const { body } = errorResponse(fallback, new HomingError('invalid_request', text), 'unknown', context);
    const json = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\nx-content-type-options: nosniff\r\n` +
        `content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`,
    );
    // Otherwise a client that never closes its side would keep the connection half-open.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
  return server;
}

function tooManyConnections(exceeded: ExceededLimit): HomingError {
  const fromWhere = exceeded === 'address' ? ' from your address' : '';
  return new HomingError(
    exceeded === 'address' ? 'rate_limited' : 'unavailable',
    `Too many connections${fromWhere} are open. Close idle connections, or try again in a moment.`,
    { retryAfterSeconds: 5 },
  );
}

/** Node keeps the first of several Host headers, and a proxy may have checked another one. */
function hostCount({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function mount(app: express.Express, hot: Map<string, Handler>, api: AnyApi, context: ServeContext): void {
  const byPath = Map.groupBy(api.operations, (operation) => operation.path);
  for (const [path, operations] of byPath) {
    for (const operation of operations) {
      const handler = handlerFor(api, operation, context);
      if (operation.isHot) hot.set(`${operation.method} ${path}`, handler);
      app[methodName(operation)](path, (request, response, next) => {
        const params = request.params as Record<string, string>;
        return operation.isFor?.(params) === false ? next() : handler(request, response, params);
      });
    }
    const allow = operations
      .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      .join(', ');
    app.all(path, (request, response, next) => {
      const params = request.params as Record<string, string>;
      if (operations.every(({ isFor }) => isFor?.(params) === false)) return next();
      const error = new HomingError(
        'method_not_allowed',
        `${request.method} is not allowed here; allowed: ${allow}.`,
      );
      return respondWithError(api, error, request, response, context, { allow });
    });
  }
}

/** Responds to a request without an operation. It counts against the rate limit like any other request. */
async function respondWithError(
  api: AnyApi,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  context: ServeContext,
  headers: Record<string, string> = {},
): Promise<void> {
  const startedAt = performance.now();
  let counted: Authenticated<unknown> | undefined;
  let hidden: HomingError | undefined;
  try {
    counted = await api.authenticate(request, undefined);
  } catch (rejection) {
    // An API that hides its paths from other callers responds 404 here too, without `Allow`.
    if (rejection instanceof HomingError && rejection.code === 'not_found') hidden = rejection;
  }
  const shown = hidden ?? (counted?.error?.code === 'rate_limited' ? counted.error : error);
  const result = errorResponse(api, shown, 'unknown', context);
  const allHeaders = hidden === undefined ? { ...result.headers, ...headers } : result.headers;
  writeResponse(request, response, { ...result, headers: allHeaders }, counted?.headers);
  context.onResponse?.(api.name, 'unknown')(result.status, performance.now() - startedAt);
}

function methodName({ method }: Operation<never>): 'get' | 'post' | 'put' | 'patch' | 'delete' {
  return method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
}

/** Returns the API that shares the most leading segments with the path, so that `/relay/v2/…` gets the relay API's format. */
function apiOf(apis: readonly AnyApi[], path: string): AnyApi {
  const segments = path.split('/').slice(1);
  const shared = apis.map(({ operations }) => Math.max(0, ...operations.map(sharedWith(segments))));
  return apis[shared.indexOf(Math.max(...shared))] as AnyApi;
}

function sharedWith(segments: readonly string[]): (operation: Operation<never>) => number {
  return ({ path }) => {
    const known = path.split('/').slice(1);
    const parting = known.findIndex(
      // A path that begins with a parameter matches every first segment.
      (segment, index) =>
        segment !== segments[index] && !(index > 0 && segment.startsWith(':') && index < segments.length),
    );
    return parting < 0 ? known.length : parting;
  };
}

/** The error for an invalid escape such as `%ZZ`. */
function badPath(): HomingError {
  const message = 'The path is not valid.';
  const issue = { in: 'path', path: [], message, kind: 'custom', isMissing: false } as const;
  return new HomingError('invalid_request', message, { issues: [issue] });
}

function isBadUrl(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400);
}
