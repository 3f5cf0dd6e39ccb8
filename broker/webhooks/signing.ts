/**
 * How a receiver knows that a request is ours: the Standard Webhooks headers (an HMAC over id, time and body, by the
 * secret's bytes), with one signature more while an old secret still counts.
 */
import { createHmac } from 'node:crypto';
import type { Webhook } from '../core/webhooks/webhooks.ts';

export interface Signed {
  id: string;
  /** When it is sent, in seconds. */
  timestamp: number;
  body: string;
}

/** The secrets that sign now, the newest first. */
export function secretsOf(webhook: Webhook, now: number): string[] {
  const { secret, previousSecret, previousSecretUntil } = webhook;
  const isKept = previousSecret !== null && (previousSecretUntil ?? 0) > now;
  return isKept ? [secret, previousSecret] : [secret];
}

/** https://www.standardwebhooks.com, version 1. */
export function standardHeaders(
  { id, timestamp, body }: Signed,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/** Hex, over the raw body, by the secret as it is written. */
export function bodySignature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
