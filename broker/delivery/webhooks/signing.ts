/** Signs webhook requests: with the Standard Webhooks headers, and with the older signature over the body alone. */
import { createHmac } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import type { Webhook } from '../../core/model/webhook.ts';

export interface SignedRequest {
  id: string;
  /** Time of the attempt, in epoch seconds. */
  timestamp: number;
  body: string;
}

/** Returns the valid secrets, the newest first. After a rotation the previous secret stays valid for some hours. */
export function secretsOf(webhook: Webhook, now: number): string[] {
  const { secret, previousSecret, previousSecretUntil } = webhook;
  const isPreviousValid = previousSecret !== null && (previousSecretUntil ?? 0) > now;
  return isPreviousValid ? [secret, previousSecret] : [secret];
}

/** Returns the headers of https://www.standardwebhooks.com, version 1, with one signature for each secret. */
export function standardHeaders(
  { id, timestamp, body }: SignedRequest,
  secrets: readonly string[],
): Record<string, string> {
  const sentAt = new Date(timestamp * 1_000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, sentAt, body)).join(' '),
  };
}

/** Returns the HMAC-SHA256 of the raw body in hex. The key is the secret as text, including its `whsec_`. */
export function bodySignature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
