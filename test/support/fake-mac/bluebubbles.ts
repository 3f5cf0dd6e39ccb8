/**
 * Fakes a BlueBubbles server (1.9.9): the routes of its REST API that the sender uses, with its validation, its check
 * for the Private API, its send cache and its response format. Authenticated requests are recorded.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type Database from 'better-sqlite3';
import { BlueBubblesMessages, type BlueBubblesSwitches } from './bluebubbles-messages.ts';
import { NO_ROUTE, runRoute, unknownRoute } from './bluebubbles-routes.ts';
import { BlueBubblesRows } from './bluebubbles-rows.ts';
import { type Fields, RequestError, type UploadedFile } from './bluebubbles-rules.ts';

export type BlueBubblesBehaviour =
  | { kind: 'error'; status: number; message: string; data?: unknown }
  | { kind: 'json'; body: unknown }
  | { kind: 'html'; status: number }
  | { kind: 'redirect'; to: string }
  | { kind: 'huge' }
  /** Sends one byte at a time, and never ends. */
  | { kind: 'drip' }
  | { kind: 'silence' }
  /** Carries the request out. */
  | { kind: 'act, then break' }
  | { kind: 'break' };

export interface BlueBubblesRequest {
  /** Method and path: `POST message/text`, `GET chat/…`. */
  endpoint: string;
  body: Fields;
  file?: UploadedFile;
}

export interface BlueBubblesOptions extends Partial<BlueBubblesSwitches> {
  /** Path prefix of a proxy, such as `/bridge`. */
  folder?: string;
  /** Fake chat.db that gets the rows of sent messages. */
  database?: Database.Database;
}

const DRIP_MS = 20;

export async function startBlueBubbles(password: string, options: BlueBubblesOptions = {}) {
  const { folder = '', database, ...switches } = options;
  const defaults = { privateApi: false, helperConnected: false, macos: '15.6', version: '1.9.9' };
  const messages = new BlueBubblesMessages(
    { ...defaults, ...switches },
    database && new BlueBubblesRows(database),
  );
  const requests: BlueBubblesRequest[] = [];
  const behaviours: { endpoint: string; behaviour: BlueBubblesBehaviour }[] = [];
  const sendCache = new Set<unknown>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://server');
    const prefix = `${folder}/api/v1/`;
    if (!url.pathname.startsWith(prefix)) throw unknownRoute();
    const path = url.pathname.slice(prefix.length);
    const { body, file } = await readBody(request);
    if (url.searchParams.get('password') !== password) throw new RequestError(401, 'Unauthorized');
    url.searchParams.delete('password');
    const endpoint = `${request.method} ${decodeURIComponent(path)}${url.search}`;
    requests.push({ endpoint, body, ...(file === undefined ? {} : { file }) });
    const behaviour = behaviours.findLast((each) => endpoint.startsWith(each.endpoint))?.behaviour;
    if (behaviour !== undefined && behaviour.kind !== 'act, then break') {
      misbehave(behaviour, response);
      return;
    }
    const fields = { ...body, ...Object.fromEntries(url.searchParams) };
    const data = runRoute(`${request.method} ${path}`, { messages, sendCache, fields, file });
    if (behaviour !== undefined) response.socket?.destroy();
    else respond(response, 200, { message: 'Success', data });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const { status, title, message, data } =
        error instanceof RequestError ? error : new RequestError(500, `${error}`);
      if (title === NO_ROUTE) response.writeHead(status, { 'content-type': 'text/plain' }).end(message);
      else respond(response, status, { message: title, error: { type: 'Error', message }, data });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}`,
    messages,
    switches: messages.switches,
    /** Temporary guids of messages that the server is sending. */
    sendCache,
    requests,
    /** Adds an existing chat. */
    addChat(guid: string, participants: string[] = [guid.split(';')[2] ?? '']) {
      messages.chats.set(guid, { name: null, participants });
    },
    /** Sets a faulty behaviour for endpoints with this prefix. */
    behave(endpoint: string, behaviour: BlueBubblesBehaviour) {
      behaviours.push({ endpoint, behaviour });
    },
    openConnections: promisify(server.getConnections).bind(server),
    async close(): Promise<void> {
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

function misbehave(
  behaviour: Exclude<BlueBubblesBehaviour, { kind: 'act, then break' }>,
  response: ServerResponse,
): void {
  switch (behaviour.kind) {
    case 'error': {
      const error = { type: 'iMessage Error', message: behaviour.message };
      respond(response, behaviour.status, { message: 'Message Send Error', error, data: behaviour.data });
      break;
    }
    case 'json':
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(behaviour.body));
      break;
    case 'html':
      response.writeHead(behaviour.status, { 'content-type': 'text/html' }).end('<h1>A tunnel</h1>');
      break;
    case 'redirect':
      response.writeHead(301, { location: behaviour.to }).end();
      break;
    case 'huge': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = ' '.repeat(64 * 1024);
      const fill = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', fill);
      fill();
      break;
    }
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), DRIP_MS);
      response.on('close', () => clearInterval(timer));
      break;
    }
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
