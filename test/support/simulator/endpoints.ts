/** Serves the broker's endpoints for shortcuts with responses that the test defines. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface StubResponse {
  status?: number;
  /** Content type; default: JSON. */
  type?: string;
  body: unknown;
}

export interface RecordedRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  body: any;
}

export interface Endpoints {
  url: string;
  requests: RecordedRequest[];
  /** Returns the requests to a path, with any query. */
  to(path: string): RecordedRequest[];
  close(): void;
}

export async function startEndpoints(
  respond: (request: RecordedRequest) => StubResponse,
): Promise<Endpoints> {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming);
    requests.push(request);
    const { status = 200, type = 'application/json', body } = respond(request);
    response.writeHead(status, { 'content-type': type });
    response.end(type === 'application/json' ? JSON.stringify(body) : (body as string | Uint8Array));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    to: (path) => requests.filter((request) => request.path.split('?')[0] === path),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(incoming: IncomingMessage): Promise<RecordedRequest> {
  const body = await text(incoming);
  return {
    method: incoming.method!,
    path: incoming.url!,
    authorization: incoming.headers.authorization,
    body: body === '' ? undefined : JSON.parse(body),
  };
}
