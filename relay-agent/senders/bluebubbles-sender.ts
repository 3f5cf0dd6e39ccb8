/**
 * Sends through the REST API of a BlueBubbles server (github.com/BlueBubblesApp/bluebubbles-server), by its
 * AppleScript method, which works without the BlueBubbles Private API.
 *
 * - The first request looks up the chat. It sends nothing, so any failure up to there is a rejection.
 * - The password is part of every URL and is removed from every reported problem.
 */
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { isGroupChat, type Sender, type Sending, type SendOutcome } from './sender.ts';

export interface BlueBubblesOptions {
  /** URL of the server: `http://localhost:1234`, or a public address. */
  url: string;
  password: string;
  /** Timeout for one message, in milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

/** The server waits up to two minutes for the row of the message before it responds. */
const TIMEOUT_MS = 130_000;
const PROBLEM_MAX_CHARACTERS = 500;

/** The server inserts the recipient unescaped into a shell command, in double quotes. */
const UNSAFE_IN_RECIPIENT = /["$`\\!\s]/;

interface Request {
  path: string;
  body?: FormData | Record<string, unknown>;
}

/** `broken`: the response is missing or incomplete; `wasSent`: the server may have received the request. */
type ServerResponse =
  | { kind: 'response'; status: number; message: string }
  | { kind: 'foreign'; status: number }
  | { kind: 'broken'; wasSent: boolean; message: string };

export function blueBubblesSender(options: BlueBubblesOptions): Sender {
  const { password, timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch } = options;
  const base = new URL(options.url);

  const request = async ({ path, body }: Request, signal: AbortSignal): Promise<ServerResponse> => {
    const address = new URL(base.origin);
    address.pathname = `${base.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
    address.search = `${new URLSearchParams({ password })}`;
    try {
      const response = await fetch(address, {
        signal,
        // A redirect would turn a POST into a GET, and send the password to another server.
        redirect: 'manual',
        ...payloadOf(body),
      });
      return parseResponse(response.status, await response.text());
    } catch (error) {
      return brokenResponse(error, timeoutMs);
    }
  };

  const deliver = async (sending: Sending): Promise<SendOutcome> => {
    if (UNSAFE_IN_RECIPIENT.test(sending.to)) {
      return rejected('A recipient for BlueBubbles must not contain a space or any of " $ ` \\ !');
    }
    const signal = AbortSignal.timeout(timeoutMs);
    let chat: string | undefined = isGroupChat(sending.to) ? sending.to : undefined;
    for (const guid of chat === undefined ? possibleChats(sending) : []) {
      const response = await request({ path: `chat/${encodeURIComponent(guid)}` }, signal);
      if (hasStatus(response, 200)) chat = guid;
      else if (!hasStatus(response, 404)) return asRejection(outcomeOf(response, base.origin));
      if (chat !== undefined) break;
    }
    let sendRequest: Request;
    try {
      sendRequest = await requestFor(sending, chat);
    } catch (error) {
      return rejected(`Cannot read the file: ${(error as Error).message}`);
    }
    return outcomeOf(await request(sendRequest, signal), base.origin);
  };

  const send = async (sending: Sending): Promise<SendOutcome> => {
    const outcome = await deliver(sending);
    if (outcome.kind === 'accepted') return outcome;
    return {
      ...outcome,
      problem: withoutPassword(outcome.problem, password).slice(0, PROBLEM_MAX_CHARACTERS),
    };
  };
  return { send };
}

/** On macOS 26 the guid of every chat starts with `any`. It does not name the service, so SMS does not use it. */
function possibleChats({ to, service }: Sending): string[] {
  return service === 'sms' ? [`SMS;-;${to}`] : [`iMessage;-;${to}`, `any;-;${to}`];
}

async function requestFor({ to, service, content }: Sending, chat: string | undefined): Promise<Request> {
  const serviceName = service === 'sms' ? 'SMS' : 'iMessage';
  const common = { tempGuid: randomUUID(), method: 'apple-script' };
  if (content.kind === 'text') {
    const message = content.text;
    return chat === undefined
      ? { path: 'chat/new', body: { addresses: [to], message, service: serviceName, ...common } }
      : { path: 'message/text', body: { chatGuid: chat, message, ...common } };
  }
  // `chat/new` accepts no file. If no chat has this guid, the server sends to its handle by its service.
  const chatGuid = chat ?? `${serviceName};-;${to}`;
  const name = basename(content.path);
  const form = new FormData();
  for (const [field, value] of Object.entries({ chatGuid, name, ...common })) form.set(field, value);
  form.set('attachment', await openAsBlob(content.path), name);
  return { path: 'message/attachment', body: form };
}

function payloadOf(body: Request['body']): RequestInit {
  if (body === undefined) return {};
  if (body instanceof FormData) return { method: 'POST', body };
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** BlueBubbles returns JSON that repeats the status; any other body comes from a proxy in front of it. */
function parseResponse(status: number, text: string): ServerResponse {
  let body: { status?: unknown; message?: unknown; error?: { message?: unknown } };
  try {
    body = Object(JSON.parse(text));
  } catch {
    body = {};
  }
  if (body.status !== status) return { kind: 'foreign', status };
  const message = [body.error?.message, body.message].find((part) => typeof part === 'string') ?? '';
  return { kind: 'response', status, message: `${message}` };
}

/** The reason is in the `cause` of fetch's error. A failed name lookup or connect means that nothing was sent. */
function brokenResponse(error: unknown, timeoutMs: number): ServerResponse {
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

function hasStatus(response: ServerResponse, status: number): boolean {
  return response.kind === 'response' && response.status === status;
}

function outcomeOf(response: ServerResponse, origin: string): SendOutcome {
  if (response.kind === 'broken') {
    const problem = `BlueBubbles at ${origin}: ${response.message}`;
    return response.wasSent ? { kind: 'unknown', problem } : rejected(problem);
  }
  const { kind, status } = response;
  if (status === 401 || status === 403) {
    const problem = `BlueBubbles at ${origin} rejects the password (status ${status}); copy it from the settings of BlueBubbles.`;
    return { kind: 'rejected', code: 'permission_denied', problem };
  }
  if (kind === 'foreign') {
    const problem = `The server at ${origin} is not BlueBubbles (status ${status}).`;
    return status >= 300 && status < 500 ? rejected(problem) : { kind: 'unknown', problem };
  }
  if (status < 300) return { kind: 'accepted' };
  const problem = `BlueBubbles returned status ${status}: ${withoutScript(response.message)}`;
  if (/\(-1743\)/.test(problem)) return { kind: 'rejected', code: 'permission_denied', problem };
  return status < 500 ? rejected(problem) : { kind: 'unknown', problem };
}

function asRejection(outcome: SendOutcome): SendOutcome {
  return outcome.kind === 'unknown' ? rejected(outcome.problem) : outcome;
}

/** Removes the first line of an osascript error: it quotes the script, including the text of the message. */
function withoutScript(message: string): string {
  return message.replace(/^Command failed: [^\n]*\n?/, '').trim();
}

function withoutPassword(text: string, password: string): string {
  const forms = [password, encodeURIComponent(password), `${new URLSearchParams({ '': password })}`.slice(1)];
  return forms.filter((form) => form !== '').reduce((rest, form) => rest.replaceAll(form, '…'), text);
}

function rejected(problem: string): SendOutcome {
  return { kind: 'rejected', code: 'device_error', problem };
}
