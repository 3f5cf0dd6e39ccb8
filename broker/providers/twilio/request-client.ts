/**
 * How the SDK asks Twilio. No request is made twice by itself, and each has a connection of its own: one that was kept
 * open may be closed by the other side just as a message is written to it, and nobody could say whether it went out.
 */
import type Twilio from 'twilio';

export interface RequestOptions {
  /** Asked instead of https://….twilio.com. */
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
  const ask = client.request.bind(client);
  client.request = (options) => ask({ ...options, uri: options.uri.replace(TWILIO_HOST, baseUrl) });
  return client;
}
