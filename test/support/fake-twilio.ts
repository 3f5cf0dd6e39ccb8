/**
 * Simulates the part of Twilio that Homing uses, over real HTTP: paths, basic auth, form fields and JSON responses
 * (https://www.twilio.com/docs/usage/api), and signed callbacks. It records every request, and a test adds faults with
 * `respondNext` and `loseResponse`.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`;
export const AUTH_TOKEN = 'fake-auth-token';

export type Fields = Record<string, string>;

export interface TwilioRequest {
  method: string;
  path: string;
  fields: Fields;
  /** For repeated fields. */
  form: URLSearchParams;
}

/** Replaces a response. `hang` never responds; `reset` closes the connection after reading the request. */
export type Fault = { status: number; code?: number; message?: string } | 'hang' | 'reset';

export interface FakeTwilio {
  url: string;
  /** Settings that make a broker use this server as Twilio. */
  env: Record<string, string>;
  requests: TwilioRequest[];
  messages(): TwilioRequest[];
  /** Sids of the numbers of the account, by phone number. */
  owned: Map<string, string>;
  /** The templates of `GET /v1/ContentAndApprovals`. */
  templates: object[];
  /** The next requests with this method and this part of the path get these faults, one each. */
  respondNext(method: string, path: string, ...fault: Fault[]): void;
  /** Processes the next matching request, but loses the response. */
  loseResponse(method: string, path: string, fault: 'hang' | 'reset'): void;
  /** Closes the connections of all hanging requests. */
  releaseHung(): void;
  /** Sends a callback with the signature for the URL. */
  callBack(url: string, fields: Fields, change?: { signature?: string }): Promise<Response>;
  close(): Promise<void>;
}

const API = `/2010-04-01/Accounts/${ACCOUNT_SID}`;
const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`;
/** The bytes of every attachment. */
export const PICTURE = Buffer.from('89504e470d0a1a0a', 'hex');

export async function startFakeTwilio(): Promise<FakeTwilio> {
  const requests: TwilioRequest[] = [];
  const owned = new Map<string, string>();
  const templates: object[] = [];
  const faults: { method: string; path: string; fault: Fault; isDone: boolean }[] = [];
  const hung: ServerResponse[] = [];
  let serial = 0;
  const newSid = (prefix: string) => `${prefix}${String(++serial).padStart(32, '0')}`;

  const perform = ({ method, path, fields }: TwilioRequest): [number, object] => {
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

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://fake');
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams;
    const received: TwilioRequest = {
      method: request.method!,
      path: pathname,
      fields: Object.fromEntries(form),
      form,
    };
    if (request.headers.authorization !== AUTHORIZATION) {
      send(response, 401, { code: 20003, message: 'Authenticate', status: 401 });
      return;
    }
    requests.push(received);
    if (pathname.includes('/Media/')) {
      response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
      return;
    }
    const index = faults.findIndex(
      ({ method, path }) => method === received.method && pathname.includes(path),
    );
    const [matching] = index < 0 ? [] : faults.splice(index, 1);
    if (matching?.isDone) perform(received);
    if (matching === undefined) send(response, ...perform(received));
    else if (matching.fault === 'hang') hung.push(response);
    else if (matching.fault === 'reset') response.destroy();
    else send(response, matching.fault.status, matching.fault);
  };

  const server = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: {
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      HOMING_TWILIO_BASE_URL: url,
    },
    requests,
    messages: () => requests.filter(({ path }) => path === `${API}/Messages.json`),
    owned,
    templates,
    respondNext: (method, path, ...all) => {
      for (const fault of all) faults.push({ method, path, fault, isDone: false });
    },
    loseResponse: (method, path, fault) => void faults.push({ method, path, fault, isDone: true }),
    releaseHung: () => {
      for (const response of hung.splice(0)) response.destroy();
    },
    callBack: (target, fields, { signature = signatureOf(target, fields) } = {}) =>
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

/** Signs the URL and each field in the order of their names: https://www.twilio.com/docs/usage/security */
export function signatureOf(url: string, fields: Fields): string {
  const names = Object.keys(fields).sort();
  const signed = names.reduce((sum, name) => sum + name + fields[name], url);
  return createHmac('sha1', AUTH_TOKEN).update(signed, 'utf8').digest('base64');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
