/**
 * Configures the HTTP client of Twilio's SDK: no automatic retry, and a new connection for each request. Twilio may close
 * a reused connection while a message is written to it, and then it is unknown whether the message was sent.
 */
import type Twilio from 'twilio';

export interface RequestOptions {
  /** Replaces https://….twilio.com, for tests. */
  baseUrl: string | undefined;
  timeoutMs: number;
}

const TWILIO_HOST = /^https:\/\/[\w.-]+\.twilio\.com(?=[/?#]|$)/;

export function createRequestClient(
  { RequestClient }: Pick<typeof Twilio, 'RequestClient'>,
  { baseUrl, timeoutMs }: RequestOptions,
): Twilio.RequestClient {
  const client = new RequestClient({ timeout: timeoutMs, keepAlive: false, autoRetry: false });
  if (baseUrl === undefined) return client;
  const send = client.request.bind(client);
  client.request = (options) => send({ ...options, uri: options.uri.replace(TWILIO_HOST, baseUrl) });
  return client;
}
