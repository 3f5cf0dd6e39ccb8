/**
 * Sends requests to the REST API of a BlueBubbles server (github.com/BlueBubblesApp/bluebubbles-server).
 *
 * - No method rejects. A response states whether the server may have received the request.
 * - The size of a response and its time are limited. Redirects are not followed.
 */

export interface ServerRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Not encoded. */
  path: readonly string[];
  query?: Record<string, string>;
  body?: FormData | Record<string, unknown>;
}

/**
 * - `response`: JSON of BlueBubbles. `data` is not validated.
 * - `foreign`: the response of another program, such as a proxy in front of BlueBubbles.
 * - `broken`: the response is missing or incomplete. `wasSent`: the server may have received the request.
 */
export type ServerResponse =
  | { kind: 'response'; status: number; message: string; data: unknown }
  | { kind: 'foreign'; status: number }
  | { kind: 'broken'; wasSent: boolean; message: string };

export interface BlueBubblesClient {
  /** Origin of the URL, without the password. */
  readonly origin: string;
  request(request: ServerRequest, timeoutMs: number): Promise<ServerResponse>;
  /** Removes the password from a text and limits its length. */
  redact(text: string): string;
}

/** The largest responses contain a chat with its participants and one message with all attributes. */
const RESPONSE_MAX_BYTES = 1024 * 1024;
const PROBLEM_MAX_CHARACTERS = 500;

export function blueBubblesClient(options: {
  url: string;
  password: string;
  fetch?: typeof globalThis.fetch;
}): BlueBubblesClient {
  const { password, fetch = globalThis.fetch } = options;
  const base = new URL(options.url);
  const folder = base.pathname.replace(/\/+$/, '');
  return {
    origin: base.origin,
    async request({ method, path, query = {}, body }, timeoutMs) {
      const address = new URL(base.origin);
      address.pathname = `${folder}/api/v1/${path.map(encodeURIComponent).join('/')}`;
      address.search = `${new URLSearchParams({ ...query, password })}`;
      try {
        const response = await fetch(address, {
          method,
          signal: AbortSignal.timeout(timeoutMs),
          // A redirect would turn a POST into a GET, and send the password to another server.
          redirect: 'manual',
          ...payloadOf(body),
        });
        return parseResponse(response.status, await readText(response));
      } catch (error) {
        return brokenResponse(error, timeoutMs);
      }
    },
    redact: (text) => withoutPassword(text, password).slice(0, PROBLEM_MAX_CHARACTERS),
  };
}

function payloadOf(body: ServerRequest['body']): RequestInit {
  if (body === undefined) return {};
  if (body instanceof FormData) return { body };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

class ResponseTooLarge extends Error {}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > RESPONSE_MAX_BYTES) throw new ResponseTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** BlueBubbles returns JSON that repeats the status; any other body comes from a proxy in front of it. */
function parseResponse(status: number, text: string): ServerResponse {
  let body: { status?: unknown; message?: unknown; error?: { message?: unknown }; data?: unknown };
  try {
    body = Object(JSON.parse(text));
  } catch {
    body = {};
  }
  if (body.status !== status) return { kind: 'foreign', status };
  const message = [body.error?.message, body.message].find((part) => typeof part === 'string') ?? '';
  return { kind: 'response', status, message: `${message}`, data: body.data };
}

/** The reason is in the `cause` of fetch's error. A failed name lookup or connect means that nothing was sent. */
function brokenResponse(error: unknown, timeoutMs: number): ServerResponse {
  if (error instanceof ResponseTooLarge) {
    const message = `the response is larger than ${RESPONSE_MAX_BYTES} bytes`;
    return { kind: 'broken', wasSent: true, message };
  }
  const { name = 'Error', cause } = Object(error) as Partial<Error>;
  if (name === 'TimeoutError') {
    return { kind: 'broken', wasSent: true, message: `no response within ${timeoutMs} ms` };
  }
  const { errors, code } = Object(cause) as { errors?: unknown[]; code?: string };
  const wasSent =
    code !== 'UND_ERR_CONNECT_TIMEOUT' &&
    (errors ?? [cause]).some((each) => !['getaddrinfo', 'connect'].includes(Object(each).syscall));
  return { kind: 'broken', wasSent, message: code ?? name };
}

function withoutPassword(text: string, password: string): string {
  const forms = [password, encodeURIComponent(password), `${new URLSearchParams({ '': password })}`.slice(1)];
  return forms.filter((form) => form !== '').reduce((rest, form) => rest.replaceAll(form, '…'), text);
}
