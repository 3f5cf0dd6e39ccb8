/** HTTP server for attachments, with the responses that the test defines. Records the requested paths. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  url: string;
  /** Paths of the requests, in order. */
  requested: string[];
  close(): void;
}

export async function startFileServer(respond: RequestListener): Promise<FileServer> {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    requested.push(request.url!);
    respond(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requested,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
