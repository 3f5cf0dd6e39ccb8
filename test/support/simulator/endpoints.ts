/** Serves the broker's endpoints for shortcuts with the responses of a test. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  status?: number;
  /** Content type; default: JSON. */
  type?: string;
  body: unknown;
}

export interface AskedRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  body: any;
}

export interface Endpoints {
  url: string;
  requests: AskedRequest[];
  /** Returns the requests to a path, with any query. */
  to(path: string): AskedRequest[];
  close(): void;
}

export async function startEndpoints(answer: (request: AskedRequest) => Answer): Promise<Endpoints> {
  const requests: AskedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming);
    requests.push(request);
    const { status = 200, type = 'application/json', body } = answer(request);
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

async function read(incoming: IncomingMessage): Promise<AskedRequest> {
  const body = await text(incoming);
  return {
    method: incoming.method!,
    path: incoming.url!,
    authorization: incoming.headers.authorization,
    body: body === '' ? undefined : JSON.parse(body),
  };
}
