/**
 * How a receiver knows that a request is ours: the Standard Webhooks headers (an HMAC over id, time and body, by the
 * secret's bytes), with one signature more while an old secret still counts.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Webhook } from '../../core/model/webhook.ts';

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

const KEYS_MAX = 1_000;
const keys = new Map<string, KeyObject>();

/** Making a key of bytes takes five times as long as signing with it, so keys are kept. */
function keyOf(secret: string): KeyObject {
  let key = keys.get(secret);
  if (key === undefined) {
    if (keys.size >= KEYS_MAX) keys.clear();
    key = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
    keys.set(secret, key);
  }
  return key;
}

/** https://www.standardwebhooks.com, version 1. */
export function standardHeaders(
  { id, timestamp, body }: Signed,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
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
