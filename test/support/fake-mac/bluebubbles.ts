/**
 * Fakes a BlueBubbles server: the four endpoints of its REST API that the sender uses, with its validation of
 * password, bodies and multipart parts, and its response format. Valid requests are recorded.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type BlueBubblesBehaviour =
  | { kind: 'error'; status: number; message: string }
  | { kind: 'html'; status: number }
  | { kind: 'redirect'; to: string }
  | { kind: 'silence' }
  | { kind: 'break' };

export interface BlueBubblesRequest {
  /** Method and path: `POST message/text`, `GET chat/…`. */
  endpoint: string;
  body: Record<string, unknown>;
  file?: { name: string; content: string };
}

export interface FakeBlueBubbles {
  url: string;
  /** Guids of existing chats. */
  chats: Set<string>;
  /** Sets a faulty behaviour for endpoints with this prefix. */
  behave(endpoint: string, behaviour: BlueBubblesBehaviour): void;
  requests: BlueBubblesRequest[];
  close(): Promise<void>;
}

class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** `folder` is the path prefix of a proxy, such as `/bridge`. */
export async function startBlueBubbles(password: string, folder = ''): Promise<FakeBlueBubbles> {
  const chats = new Set<string>();
  const requests: BlueBubblesRequest[] = [];
  const behaviours: { endpoint: string; behaviour: BlueBubblesBehaviour }[] = [];
  const usedIds = new Set<unknown>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://server');
    const prefix = `${folder}/api/v1/`;
    if (!url.pathname.startsWith(prefix)) throw new RequestError(404, 'Not Found');
    const endpoint = `${request.method} ${decodeURIComponent(url.pathname.slice(prefix.length))}`;
    const { body, file } = await readBody(request);
    if (url.searchParams.get('password') !== password) throw new RequestError(401, 'Unauthorized');
    requests.push({ endpoint, body, ...(file === undefined ? {} : { file }) });
    const found = behaviours.find((each) => endpoint.startsWith(each.endpoint));
    if (found !== undefined) {
      misbehave(found.behaviour, response);
      return;
    }
    if (endpoint.startsWith('GET chat/')) {
      const guid = endpoint.slice('GET chat/'.length);
      if (!chats.has(guid)) throw new RequestError(404, 'Chat does not exist!');
      respond(response, 200, { message: 'Success', data: { guid } });
      return;
    }
    check(endpoint, body, file);
    if (usedIds.has(body.tempGuid)) throw new RequestError(400, 'Message is already queued to be sent!');
    usedIds.add(body.tempGuid);
    respond(response, 200, { message: 'Message sent!', data: { guid: 'G-7', tempGuid: body.tempGuid } });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const status = error instanceof RequestError ? error.status : 500;
      respond(response, status, {
        message: 'Rejected',
        error: { type: 'Error', message: `${(error as Error).message}` },
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}`,
    chats,
    behave: (endpoint, behaviour) => behaviours.push({ endpoint, behaviour }),
    requests,
    async close() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status, ...body }));
}

function misbehave(behaviour: BlueBubblesBehaviour, response: ServerResponse): void {
  switch (behaviour.kind) {
    case 'error': {
      const error = { type: 'iMessage Error', message: behaviour.message };
      respond(response, behaviour.status, { message: 'Message Send Error', error });
      break;
    }
    case 'html':
      response.writeHead(behaviour.status, { 'content-type': 'text/html' }).end('<h1>A tunnel</h1>');
      break;
    case 'redirect':
      response.writeHead(301, { location: behaviour.to }).end();
      break;
    case 'silence':
      break;
    case 'break':
      response.socket?.destroy();
      break;
  }
}

async function readBody(request: IncomingMessage): Promise<Pick<BlueBubblesRequest, 'body' | 'file'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length === 0) return { body: {} };
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return { body: JSON.parse(bytes.toString()) };
  const parts = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const { attachment, ...body } = Object.fromEntries(parts);
  if (!(attachment instanceof File)) return { body };
  return { body, file: { name: attachment.name, content: await attachment.text() } };
}

/** Validates like messageValidator.ts and chatValidator.ts, for the AppleScript method. */
function check(endpoint: string, body: BlueBubblesRequest['body'], file: BlueBubblesRequest['file']): void {
  const need = (...fields: string[]) => {
    for (const field of fields) {
      const value = body[field];
      if (typeof value !== 'string' || value === '')
        throw new RequestError(400, `The ${field} field is required.`);
    }
  };
  need('tempGuid', 'method');
  if (body.method !== 'apple-script') throw new RequestError(400, 'The selected method is invalid.');
  switch (endpoint) {
    case 'POST message/text':
      need('chatGuid', 'message');
      break;
    case 'POST message/attachment':
      need('chatGuid', 'name');
      if (file === undefined || file.content === '') {
        throw new RequestError(400, 'Attachment not provided or was empty!');
      }
      break;
    case 'POST chat/new':
      need('message', 'service');
      if (!['iMessage', 'SMS'].includes(`${body.service}`)) {
        throw new RequestError(400, 'The selected service is invalid.');
      }
      if (!Array.isArray(body.addresses) || body.addresses.length !== 1) {
        throw new RequestError(400, 'The addresses field is required.');
      }
      break;
    default:
      throw new RequestError(404, 'Not Found');
  }
}
