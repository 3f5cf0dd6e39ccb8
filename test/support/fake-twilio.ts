/**
 * Twilio as far as Homing uses it, over real HTTP: its paths, its basic auth, its form fields and JSON answers as
 * https://www.twilio.com/docs/usage/api has them, and callbacks that are signed as it signs them. What a test wants to
 * go wrong it says by `answerNext`; everything that was asked is kept.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const AUTH_TOKEN = 'fake-auth-token';

export type Fields = Record<string, string>;

export interface Asked {
  method: string;
  path: string;
  fields: Fields;
  /** Of fields that come more than once. */
  form: URLSearchParams;
}

/** Answers in the place of the account; `hang` never answers, `reset` breaks the connection off after reading. */
export type Trouble = { status: number; code?: number; message?: string } | 'hang' | 'reset';

export interface FakeTwilio {
  url: string;
  /** Settings with which a broker takes this for Twilio. */
  env: Record<string, string>;
  asked: Asked[];
  messages(): Asked[];
  /** Numbers that the account has: sid by phone number. */
  owned: Map<string, string>;
  /** As `GET /v1/ContentAndApprovals` shows them. */
  templates: object[];
  /** Requests of this method and path (a part of it) meet this trouble, each once, before all others. */
  answerNext(method: string, path: string, ...trouble: Trouble[]): void;
  /** Does what was asked and then meets the trouble: the answer gets lost. */
  loseAnswer(method: string, path: string, trouble: 'hang' | 'reset'): void;
  /** Lets go of everything that hangs. */
  releaseHung(): void;
  /** Calls back, signed for that URL. */
  tell(url: string, fields: Fields, change?: { signature?: string }): Promise<Response>;
  close(): Promise<void>;
}

const API = `/2010-04-01/Accounts/${ACCOUNT_SID}`;
const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`;
/** What an attachment is. */
export const PICTURE = Buffer.from('89504e470d0a1a0a', 'hex');

export async function startFakeTwilio(): Promise<FakeTwilio> {
  const asked: Asked[] = [];
  const owned = new Map<string, string>();
  const templates: object[] = [];
  const troubles: { method: string; path: string; trouble: Trouble; isDone: boolean }[] = [];
  const hung: ServerResponse[] = [];
  let serial = 0;
  const newSid = (prefix: string) => `${prefix}${String(++serial).padStart(32, '0')}`;

  const perform = ({ method, path, fields }: Asked): [number, object] => {
    if (method === 'POST' && path === `${API}/Messages.json`) {
      return [201, { sid: newSid('SM'), status: 'queued', from: fields.From, to: fields.To }];
    }
    if (method === 'GET' && path === `${API}/AvailablePhoneNumbers/US/Local.json`) {
      const numbers = [100, 101, 102].map((line) => ({ phone_number: `+1${fields.AreaCode}5550${line}` }));
      return [200, { available_phone_numbers: numbers, uri: path }];
    }
    if (path === `${API}/IncomingPhoneNumbers.json`) {
      if (method === 'POST') {
        const number = fields.PhoneNumber!;
        if (owned.has(number))
          return [400, { code: 21422, message: `${number} is not available.`, status: 400 }];
        owned.set(number, newSid('PN'));
        return [201, { sid: owned.get(number), phone_number: number }];
      }
      const found = [...owned].filter(([number]) => number.includes(fields.PhoneNumber ?? ''));
      const numbers = found.map(([phone_number, sid]) => ({ sid, phone_number }));
      return [200, { incoming_phone_numbers: numbers, uri: path }];
    }
    const sid = new RegExp(`^${API}/IncomingPhoneNumbers/(PN\\d+)\\.json$`).exec(path)?.[1];
    if (method === 'POST' && [...owned.values()].includes(sid ?? '')) {
      return [200, { sid, sms_url: fields.SmsUrl }];
    }
    if (method === 'GET' && path === '/v1/ContentAndApprovals') {
      return [200, { contents: templates, meta: { key: 'contents' } }];
    }
    return [404, { code: 20404, message: `The requested resource ${path} was not found`, status: 404 }];
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://fake');
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams;
    const one: Asked = { method: request.method!, path: pathname, fields: Object.fromEntries(form), form };
    if (request.headers.authorization !== AUTHORIZATION) {
      send(response, 401, { code: 20003, message: 'Authenticate', status: 401 });
      return;
    }
    asked.push(one);
    if (pathname.includes('/Media/')) {
      response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
      return;
    }
    const index = troubles.findIndex(({ method, path }) => method === one.method && pathname.includes(path));
    const [met] = index < 0 ? [] : troubles.splice(index, 1);
    if (met?.isDone) perform(one);
    if (met === undefined) send(response, ...perform(one));
    else if (met.trouble === 'hang') hung.push(response);
    else if (met.trouble === 'reset') response.destroy();
    else send(response, met.trouble.status, met.trouble);
  };

  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: {
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      HOMING_TWILIO_BASE_URL: url,
    },
    asked,
    messages: () => asked.filter(({ path }) => path === `${API}/Messages.json`),
    owned,
    templates,
    answerNext: (method, path, ...all) => {
      for (const trouble of all) troubles.push({ method, path, trouble, isDone: false });
    },
    loseAnswer: (method, path, trouble) => void troubles.push({ method, path, trouble, isDone: true }),
    releaseHung: () => {
      for (const response of hung.splice(0)) response.destroy();
    },
    tell: (target, fields, { signature = signatureOf(target, fields) } = {}) =>
      fetch(target, {
        method: 'POST',
        headers: { 'x-twilio-signature': signature },
        body: new URLSearchParams(fields),
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** https://www.twilio.com/docs/usage/security: the URL, then each field's name and value, by name. */
export function signatureOf(url: string, fields: Fields): string {
  const names = Object.keys(fields).sort();
  const signed = names.reduce((sum, name) => sum + name + fields[name], url);
  return createHmac('sha1', AUTH_TOKEN).update(signed, 'utf8').digest('base64');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
