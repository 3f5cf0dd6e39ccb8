/**
 * Sends through the REST API of a BlueBubbles server (github.com/BlueBubblesApp/bluebubbles-server), by its
 * AppleScript method, which needs nothing but BlueBubbles itself. First it asks for the chat; nothing is sent by
 * that, so whatever goes wrong until then is refused. The password goes into each address and never into a
 * problem.
 */
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { isGroupChat, type Sender, type Sending, type SendOutcome } from './sender.ts';

export interface BlueBubblesOptions {
  /** Where the server is: `http://localhost:1234`, or an address of its own on the internet. */
  url: string;
  password: string;
  /** How long the server may take over one message. */
  answerMs?: number;
  fetch?: typeof globalThis.fetch;
}

/** The server itself looks two minutes for the row of a message before it answers. */
const ANSWER_MS = 130_000;
const PROBLEM_MAX_CHARACTERS = 500;

/** The server writes recipients as they are into a command of the shell, between double quotes. */
const UNSAFE_IN_RECIPIENT = /["$`\\!\s]/;

interface Request {
  path: string;
  body?: FormData | Record<string, unknown>;
}

/** `broken` has no whole answer; `isOut` tells whether the server may have got the request all the same. */
type Answer =
  | { kind: 'answered'; status: number; words: string }
  | { kind: 'foreign'; status: number }
  | { kind: 'broken'; isOut: boolean; words: string };

export function blueBubblesSender(options: BlueBubblesOptions): Sender {
  const { password, answerMs = ANSWER_MS, fetch = globalThis.fetch } = options;
  const base = new URL(options.url);

  const ask = async ({ path, body }: Request, signal: AbortSignal): Promise<Answer> => {
    const address = new URL(base.origin);
    address.pathname = `${base.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
    address.search = `${new URLSearchParams({ password })}`;
    try {
      const response = await fetch(address, {
        signal,
        // A redirected POST would arrive as a GET, and the password elsewhere.
        redirect: 'manual',
        ...payloadOf(body),
      });
      return readAnswer(response.status, await response.text());
    } catch (error) {
      return whyBroken(error, answerMs);
    }
  };

  const deliver = async (sending: Sending): Promise<SendOutcome> => {
    if (UNSAFE_IN_RECIPIENT.test(sending.to)) {
      return refused('BlueBubbles takes no recipient with a space or one of " $ ` \\ ! in it.');
    }
    const signal = AbortSignal.timeout(answerMs);
    let chat: string | undefined = isGroupChat(sending.to) ? sending.to : undefined;
    for (const guid of chat === undefined ? possibleChats(sending) : []) {
      const answer = await ask({ path: `chat/${encodeURIComponent(guid)}` }, signal);
      if (isAnswer(answer, 200)) chat = guid;
      else if (!isAnswer(answer, 404)) return asRefusal(outcomeOf(answer, base.origin));
      if (chat !== undefined) break;
    }
    let request: Request;
    try {
      request = await requestFor(sending, chat);
    } catch (error) {
      return refused(`The file cannot be read: ${(error as Error).message}`);
    }
    return outcomeOf(await ask(request, signal), base.origin);
  };

  const send = async (sending: Sending): Promise<SendOutcome> => {
    const outcome = await deliver(sending);
    if (outcome.kind === 'handed') return outcome;
    return {
      ...outcome,
      problem: withoutPassword(outcome.problem, password).slice(0, PROBLEM_MAX_CHARACTERS),
    };
  };
  return { send };
}

/** macOS 26 begins the guids of all chats with `any`. Those do not tell the service, so no SMS goes to one. */
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
  // `chat/new` takes no file; without a chat of that guid, the server writes to its person over its service.
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

/** BlueBubbles answers with JSON that repeats the status; whatever else answers is something in front of it. */
function readAnswer(status: number, text: string): Answer {
  let body: { status?: unknown; message?: unknown; error?: { message?: unknown } };
  try {
    body = Object(JSON.parse(text));
  } catch {
    body = {};
  }
  if (body.status !== status) return { kind: 'foreign', status };
  const words = [body.error?.message, body.message].find((part) => typeof part === 'string') ?? '';
  return { kind: 'answered', status, words: `${words}` };
}

/** fetch packs what happened into `cause`. Nothing has gone out while the name or the connection is not there. */
function whyBroken(error: unknown, answerMs: number): Answer {
  const { name = 'Error', cause } = Object(error) as Partial<Error>;
  if (name === 'TimeoutError') {
    return { kind: 'broken', isOut: true, words: `there was no answer within ${answerMs} ms` };
  }
  const { errors, code } = Object(cause) as { errors?: unknown[]; code?: string };
  const isOut =
    code !== 'UND_ERR_CONNECT_TIMEOUT' &&
    (errors ?? [cause]).some((each) => !['getaddrinfo', 'connect'].includes(Object(each).syscall));
  return { kind: 'broken', isOut, words: code ?? name };
}

function isAnswer(answer: Answer, status: number): boolean {
  return answer.kind === 'answered' && answer.status === status;
}

function outcomeOf(answer: Answer, origin: string): SendOutcome {
  if (answer.kind === 'broken') {
    const problem = `BlueBubbles at ${origin}: ${answer.words}`;
    return answer.isOut ? { kind: 'unclear', problem } : refused(problem);
  }
  const { kind, status } = answer;
  if (status === 401 || status === 403) {
    const problem = `BlueBubbles at ${origin} does not accept the password (${status}); it is in the settings of BlueBubbles.`;
    return { kind: 'refused', code: 'permission_denied', problem };
  }
  if (kind === 'foreign') {
    const problem = `What answered at ${origin} with ${status} is not BlueBubbles.`;
    return status >= 300 && status < 500 ? refused(problem) : { kind: 'unclear', problem };
  }
  if (status < 300) return { kind: 'handed' };
  const problem = `BlueBubbles answered ${status}: ${withoutScript(answer.words)}`;
  if (/\(-1743\)/.test(problem)) return { kind: 'refused', code: 'permission_denied', problem };
  return status < 500 ? refused(problem) : { kind: 'unclear', problem };
}

function asRefusal(outcome: SendOutcome): SendOutcome {
  return outcome.kind === 'unclear' ? refused(outcome.problem) : outcome;
}

/** In front of what osascript said, the server quotes the script, and so the text of the message, in one line. */
function withoutScript(words: string): string {
  return words.replace(/^Command failed: [^\n]*\n?/, '').trim();
}

function withoutPassword(text: string, password: string): string {
  const forms = [password, encodeURIComponent(password), `${new URLSearchParams({ '': password })}`.slice(1)];
  return forms.filter((form) => form !== '').reduce((rest, form) => rest.replaceAll(form, '…'), text);
}

function refused(problem: string): SendOutcome {
  return { kind: 'refused', code: 'device_error', problem };
}
