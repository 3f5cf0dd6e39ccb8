/**
 * Whether a request to a webhook came from the broker, and just now. Looks at the Standard Webhooks headers; where
 * there are none, at `x-textingblue-signature`, with the time that the signed body names. A request that lost the
 * former on its way passes only while it is young, so that an old one can't be made good by leaving them out.
 */
import type { Clock } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { webCrypto } from './web-crypto.ts';

export interface WebhookEvent {
  /** The same in each try: keep it to notice what comes twice. */
  id: string;
  type: 'message.received' | 'message.sent' | 'message.delivered' | 'message.failed';
  timestamp: string;
  data: {
    id: string;
    from: string;
    to: string;
    content: string;
    media_url: string | null;
    /** Null for what was sent. */
    received_at: string | null;
    /** Of what was sent, as are the errors. */
    status?: 'queued' | 'polling' | 'sent' | 'delivered' | 'failed';
    error_code?: string | null;
    error_message?: string | null;
  };
}

/** As fetch has them, or as Node's http has them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** How old a request may be, and how far ahead its clock; 300 unless said. */
  toleranceSeconds?: number;
}

const TOLERANCE_SECONDS = 300;

/**
 * Takes the body as it came, before anything parsed it. While a secret is being changed, give both.
 * @throws HomingApiError `invalid_signature` or `stale_timestamp`: answer 400, and do nothing.
 */
export async function verifyWebhook(
  clock: Pick<Clock, 'now'>,
  rawBody: string | Uint8Array | ArrayBuffer,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = TOLERANCE_SECONDS }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const body = typeof rawBody === 'string' ? new TextEncoder().encode(rawBody) : new Uint8Array(rawBody);
  const secrets = typeof secret === 'string' ? [secret] : secret;
  if (secrets.length === 0 || secrets.includes('')) {
    throw new TypeError('The secret is missing: give what the broker answered when the webhook was made.');
  }
  const get = readerOf(headers);
  const at =
    get('webhook-signature') === undefined
      ? await verifyBody(body, get('x-textingblue-signature'), secrets)
      : await verifyStandard(body, get, secrets);
  if (!(Math.abs(clock.now() / 1000 - at) <= toleranceSeconds)) {
    throw new HomingApiError(
      'stale_timestamp',
      `The request is of another time (${at}, in seconds). Is it a repeat, or is one of the clocks wrong?`,
    );
  }
  return JSON.parse(new TextDecoder().decode(body));
}

type Bytes = Uint8Array<ArrayBuffer>;

/** https://www.standardwebhooks.com, version 1. Gives the time that was signed, in seconds. */
async function verifyStandard(
  body: Bytes,
  get: (name: string) => string | undefined,
  secrets: readonly string[],
): Promise<number> {
  const id = get('webhook-id');
  const timestamp = get('webhook-timestamp');
  const given = (get('webhook-signature') ?? '').split(' ').filter((one) => one.startsWith('v1,'));
  if (id === undefined || timestamp === undefined || !/^\d+$/.test(timestamp)) throw notSigned();
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  for (const secret of secrets) {
    const key = fromBase64(secret.replace(/^whsec_/, ''));
    if (key === undefined) throw new TypeError('A secret begins with whsec_ and goes on in base64.');
    for (const signature of given) {
      if (await isSignature(fromBase64(signature.slice(3)), signed, key)) return Number(timestamp);
    }
  }
  throw notSigned();
}

/** Gives the time that the body names, in seconds. */
async function verifyBody(
  body: Bytes,
  given: string | undefined,
  secrets: readonly string[],
): Promise<number> {
  const hex = /^sha256=((?:[0-9a-f]{2})+)$/.exec(given ?? '')?.[1];
  if (hex === undefined) throw notSigned();
  const signature = Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  for (const secret of secrets) {
    if (!(await isSignature(signature, body, new TextEncoder().encode(secret)))) continue;
    const { timestamp } = JSON.parse(new TextDecoder().decode(body));
    return Date.parse(timestamp) / 1000;
  }
  throw notSigned();
}

/** WebCrypto compares in a time that tells nothing. */
async function isSignature(signature: Bytes | undefined, signed: Bytes, secret: Bytes): Promise<boolean> {
  if (signature === undefined) return false;
  const { subtle } = await webCrypto();
  const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return subtle.verify('HMAC', key, signature, signed);
}

function readerOf(headers: WebhookHeaders): (name: string) => string | undefined {
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  const known = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = known.get(name);
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

function notSigned(): HomingApiError {
  return new HomingApiError(
    'invalid_signature',
    'The request is not signed by this secret. Was the body changed on its way, or parsed and written again?',
  );
}
