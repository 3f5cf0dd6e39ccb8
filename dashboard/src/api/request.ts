/** Sends requests to the admin API of the broker. */
export type Environment = 'live' | 'test';

/** Path prefix of the broker, from the <base> element: empty, or a prefix of a proxy. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/dashboard\/$/, '');
export const API = `${BASE}/dashboard/api`;

export interface ErrorDetail {
  code: string;
  message: string;
  param?: string;
  fix?: string;
}

/** A response with an error, or no response: `status` is 0 then. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | undefined;
  readonly fix: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, detail: ErrorDetail, retryAfterSeconds?: number) {
    super(detail.message);
    this.name = 'RequestError';
    this.status = status;
    this.code = detail.code;
    this.param = detail.param;
    this.fix = detail.fix;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  signal?: AbortSignal;
}

type Listener = () => void;
const expiredListeners = new Set<Listener>();

/** Calls the listener when a response says that the session has ended. Returns a function that removes the listener. */
export function onSessionEnded(listener: Listener): () => void {
  expiredListeners.add(listener);
  return () => expiredListeners.delete(listener);
}

/** Returns the path with its query; empty values are omitted. */
export function pathWith(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '' && value !== false)
      search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** @throws RequestError */
export async function request<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { query, body, signal }: RequestOptions = {},
): Promise<T> {
  const init: RequestInit = { method, credentials: 'same-origin' };
  if (signal !== undefined) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  return read<T>(await send(pathWith(API + path, query), init));
}

/** Sends a file unchanged, with its progress (0 to 1). @throws RequestError */
export function upload<T>(path: string, file: File, onProgress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', API + path);
    // A header has only ASCII characters.
    sending.setRequestHeader('x-file-name', encodeURIComponent(file.name));
    sending.setRequestHeader('content-type', file.type || 'application/octet-stream');
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    sending.onerror = () => reject(unreachable());
    sending.onload = () => {
      const response = new Response(sending.responseText || null, { status: sending.status });
      read<T>(response).then(resolve, reject);
    };
    sending.send(file);
  });
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let json: unknown;
  try {
    json = text === '' ? undefined : JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (response.ok) return json as T;
  const detail = (json as { error?: ErrorDetail } | undefined)?.error ?? {
    code: 'internal_error',
    message: `The broker responded with status ${response.status}.`,
  };
  const retryAfter = Number(response.headers.get('retry-after'));
  if (response.status === 401) for (const listener of expiredListeners) listener();
  throw new RequestError(response.status, detail, retryAfter > 0 ? retryAfter : undefined);
}

function unreachable(): RequestError {
  return new RequestError(0, {
    code: 'unreachable',
    message: 'The broker does not respond. Check that it is running and that this device is online.',
  });
}
