/**
 * Configures the HTTP client of Twilio's SDK: no automatic retry, and a new connection for each request. Twilio may close
 * a reused connection while a message is written to it, and then it is unknown whether the message was sent.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type Twilio from 'twilio';

export interface RequestOptions {
  /** Replaces https://….twilio.com, for tests. */
  baseUrl: string | undefined;
  timeoutMs: number;
  /** Checked right before a request is written to its connection; undefined: always true. */
  maySend?: (() => boolean) | undefined;
}

/** `code` of the error of a request that was not written because of `maySend`. */
export const WITHHELD = 'EWITHHELD';

const TWILIO_HOST = /^https:\/\/[\w.-]+\.twilio\.com(?=[/?#]|$)/;

export function createRequestClient(
  { RequestClient }: Pick<typeof Twilio, 'RequestClient'>,
  { baseUrl, timeoutMs, maySend }: RequestOptions,
): Twilio.RequestClient {
  const client = new RequestClient({ timeout: timeoutMs, keepAlive: false, autoRetry: false });
  const { defaults } = client.axios;
  if (maySend !== undefined) {
    defaults.httpAgent = withholding(new HttpAgent(), 'connect', maySend);
    // With HTTP_PROXY, the SDK uses another agent.
    if (defaults.httpsAgent instanceof HttpsAgent) {
      defaults.httpsAgent = withholding(defaults.httpsAgent, 'secureConnect', maySend);
    }
  }
  if (baseUrl === undefined) return client;
  const send = client.request.bind(client);
  client.request = (options) => send({ ...options, uri: options.uri.replace(TWILIO_HOST, baseUrl) });
  return client;
}

/** The process may have been paused while it connected, and another broker may have taken over its messages. */
function withholding<A extends HttpAgent>(
  agent: A,
  connected: 'connect' | 'secureConnect',
  maySend: () => boolean,
): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options) as Duplex;
    const fail = (error: Error) => callback?.(error, socket);
    socket.once('error', fail);
    socket.once(connected, () => {
      socket.off('error', fail);
      if (maySend()) {
        callback?.(null, socket);
        return;
      }
      socket.destroy();
      fail(Object.assign(new Error('The request was withheld.'), { code: WITHHELD }));
    });
    return undefined;
  };
  return agent;
}
