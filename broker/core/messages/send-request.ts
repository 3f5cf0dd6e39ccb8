/** Defines the request to send a message and its content for idempotency. */
import type { Effect } from '../../../shared/effects.ts';
import type { HomingError } from '../model/errors.ts';
import type { Media } from '../model/media.ts';
import type { MessageTemplate, Priority, RequestedService } from '../model/message.ts';

/** Options that only iMessage has. */
export interface RichOptions {
  /** Instead of `to`: an existing conversation. */
  conversationId?: string | undefined;
  /** Instead of `to`: the other members of a group. The group is created if there is none with exactly these members. */
  participants?: readonly string[] | undefined;
  replyTo?: { messageId: string; part: number } | undefined;
  effect?: Effect | undefined;
  subject?: string | undefined;
  /** The only file is sent as an audio message. */
  isVoiceNote?: boolean | undefined;
  /** Leaves out what no device of the number can send. */
  usesFallback?: boolean | undefined;
}

export interface SendRequest {
  /** Empty with a conversation or participants. */
  to: string;
  rich?: RichOptions | undefined;
  /** Number of the account. Optional in the sandbox, with `usesDefaultNumber`, and if the account has one number. */
  from: string | undefined;
  /** Without `from`, the account's oldest number that can send is used. */
  usesDefaultNumber?: boolean;
  content: string;
  /** URLs of the attachments, or stored attachments. */
  media: readonly (string | Media)[];
  service: RequestedService;
  idempotency?: Idempotency | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
  template?: MessageTemplate | undefined;
  /** The sender's estimate of the cost, in cents. */
  estimatedCostCents?: number | undefined;
  /** Not dispatched before this time (epoch ms). */
  sendAt?: number | undefined;
  /** Fails as `expired` if it is still queued at this time (epoch ms). */
  expiresAt?: number | undefined;
  priority?: Priority | undefined;
  /** URL that receives the events of this message. */
  callbackUrl?: string | undefined;
  /** Fields of the request for errors; default: `media_url` and `to`. */
  fields?: { media?: string; participants?: string } | undefined;
  /** Thrown for a new message; a repeat by idempotency key still returns the first message. */
  rejection?: HomingError | undefined;
}

export interface Idempotency {
  key: string;
  /** True: the key expires after 24 h, and a different body throws `conflict`. False: only the key is compared. */
  comparesBody: boolean;
}

/** The period in which an idempotency key is compared together with the body. */
export const IDEMPOTENCY_WINDOW_MS = 24 * 3_600_000;

/** Returns the content and options as text: equal for two requests that ask for the same. */
export function contentOf(request: SendRequest): string {
  const { to, from, content, media, service } = request;
  const contents = media.map((file) => (typeof file === 'string' ? file : file.sha256));
  const { sendAt, expiresAt, priority, callbackUrl, metadata, rich } = request;
  const options = JSON.stringify({ sendAt, expiresAt, priority, callbackUrl, metadata, rich });
  return JSON.stringify([
    ...[to, from ?? null, content, contents[0] ?? null, service, ...contents.slice(1)],
    ...(options === '{}' ? [] : [options]),
  ]);
}
