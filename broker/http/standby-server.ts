/**
 * Answers while a broker of an earlier version is active, or the database is not available: 503 with Retry-After, so that
 * clients retry and a load balancer sends requests to another broker. The process is healthy, so `/healthz` is 200.
 */
import { createServer, type Server } from 'node:http';
import { unavailable } from '../core/model/errors.ts';
import { mapPlainError } from './error-response.ts';

const RETRY_AFTER_SECONDS = '1';

export function createStandbyServer(): Server {
  const { status, body } = mapPlainError(
    unavailable(
      'This broker stands by: the database is not available, or a broker of an earlier version is active on it. Retry the ' +
        'request later.',
    ),
  );
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const refusal = JSON.stringify(body);
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.writeHead(200, headers).end('{"status":"ok"}');
      return;
    }
    response.writeHead(status, { ...headers, 'retry-after': RETRY_AFTER_SECONDS }).end(refusal);
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.end(
      `HTTP/1.1 503 Service Unavailable\r\nretry-after: ${RETRY_AFTER_SECONDS}\r\nconnection: close\r\n\r\n`,
    );
  });
  return server;
}
