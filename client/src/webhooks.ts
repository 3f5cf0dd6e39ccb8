/**
 * Verifies that a webhook request came from the broker and is recent.
 * - Uses the Standard Webhooks headers if `webhook-signature` is present.
 * - Otherwise uses `x-textingblue-signature` and the timestamp of the signed body. The age limit also applies here, so
 *   removing the other headers does not make an old request valid.
 */
import type { Clock } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { webCrypto } from './web-crypto.ts';

export interface WebhookEvent {
  /** Same id for every delivery attempt of an event; use it to ignore repeats. */
  id: string;
  type:
    | 'message.received'
    | 'message.sent'
    | 'message.delivered'
    | 'message.failed'
    | 'message.reaction'
    | 'message.edited'
    | 'message.unsent'
    | 'message.read';
  timestamp: string;
  data: {
    id: string;
    from: string;
    /** Null: a group. */
    to: string | null;
    content: string;
    media_url: string | null;
    /** Null for outbound messages. */
    received_at: string | null;
    /** Present for outbound messages, like the two error fields. */
    status?: 'queued' | 'polling' | 'sent' | 'delivered' | 'failed';
    error_code?: string | null;
    error_message?: string | null;
  };
}

/** The headers of fetch or of Node's http module. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Maximum difference between the timestamp of the request and the clock, in seconds. Default: 300. */
  toleranceSeconds?: number;
}

const DEFAULT_TOLERANCE_SECONDS = 300;

/**
 * Verifies and parses a webhook request. Pass the raw, unparsed body, and both secrets during a rotation.
 * @throws HomingApiError `invalid_signature` or `stale_timestamp`: respond with 401 and ignore the request.
 */
export async function verifyWebhook(
  clock: Pick<Clock, 'now'>,
  rawBody: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const body = typeof rawBody === 'string' ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody);
  const secrets = typeof secret === 'string' ? [secret] : secret;
  if (secrets.length === 0 || secrets.includes('')) {
    throw new TypeError(
      'The secret is missing. Pass the `secret` that the broker returned when the webhook was created.',
    );
  }
  const getHeader = headerReader(headers);
  const signedAt =
    getHeader('webhook-signature') === undefined
      ? await verifyBody(body, getHeader('x-textingblue-signature'), secrets)
      : await verifyStandard(body, getHeader, secrets);
  if (!(Math.abs(clock.now() / 1000 - signedAt) <= toleranceSeconds)) {
    throw new HomingApiError(
      'stale_timestamp',
      `The timestamp ${signedAt} (epoch seconds) differs by more than ${toleranceSeconds} s. Check for a replayed request and for a wrong clock.`,
    );
  }
  return JSON.parse(new TextDecoder().decode(body));
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Verifies version 1 of https://www.standardwebhooks.com. Returns the signed timestamp, in epoch seconds. */
async function verifyStandard(
  body: Bytes,
  getHeader: (name: string) => string | undefined,
  secrets: readonly string[],
): Promise<number> {
  const id = getHeader('webhook-id');
  const timestamp = getHeader('webhook-timestamp');
  const signatures = (getHeader('webhook-signature') ?? '')
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'));
  if (id === undefined || timestamp === undefined || !/^\d+$/.test(timestamp)) throw invalidSignature();
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  for (const secret of secrets) {
    const key = fromBase64(secret.replace(/^whsec_/, ''));
    if (key === undefined) throw new TypeError('Invalid secret. A secret is `whsec_` followed by base64.');
    for (const signature of signatures) {
      if (await isSignature(fromBase64(signature.slice(3)), signed, key)) return Number(timestamp);
    }
  }
  throw invalidSignature();
}

/** Verifies `x-textingblue-signature`. Returns the timestamp of the body, in epoch seconds. */
async function verifyBody(
  body: Bytes,
  header: string | undefined,
  secrets: readonly string[],
): Promise<number> {
  const hex = /^sha256=((?:[0-9a-f]{2})+)$/.exec(header ?? '')?.[1];
  if (hex === undefined) throw invalidSignature();
  const signature = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  for (const secret of secrets) {
    if (!(await isSignature(signature, body, new TextEncoder().encode(secret)))) continue;
    const { timestamp } = JSON.parse(new TextDecoder().decode(body));
    return Date.parse(timestamp) / 1000;
  }
  throw invalidSignature();
}

/** Verifies an HMAC with WebCrypto, which compares in constant time. */
async function isSignature(signature: Bytes | undefined, signed: Bytes, secret: Bytes): Promise<boolean> {
  if (signature === undefined) return false;
  const { subtle } = await webCrypto();
  const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return subtle.verify('HMAC', key, signature, signed);
}

function headerReader(headers: WebhookHeaders): (name: string) => string | undefined {
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = values.get(name);
    return typeof value === 'string' ? value : value?.join(', ');
  };
}

function fromBase64(text: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function invalidSignature(): HomingApiError {
  return new HomingApiError(
    'invalid_signature',
    'The request is not signed with this secret. Pass the raw body, and check the secret and any proxy.',
  );
}
