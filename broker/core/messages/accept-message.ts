/**
 * Accepts a message into the queue. All APIs and commands send through this function.
 *
 * - All checks run in the transaction that stores the message, including the check of the API key. A key that was
 *   revoked during the request sends nothing.
 * - A repeated idempotency key returns the first message, even if a new message would be rejected.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { commitSpend, costOf, type Prices } from '../billing/billing.ts';
import { type Principal, tenantOf } from '../model/api-key.ts';
import { calendarDay } from '../model/calendar.ts';
import {
  conflict,
  HomingError,
  invalidRequest,
  planLimitExceeded,
  recipientSuppressed,
  unauthorized,
} from '../model/errors.ts';
import { type Media, NOT_FETCHED, nameFromUrl } from '../model/media.ts';
import {
  type Message,
  type MessageTemplate,
  NEW_MESSAGE_DEFAULTS,
  type Priority,
  type RequestedService,
} from '../model/message.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Environment, Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { TestNumbers } from '../sandbox/test-numbers.ts';
import { type CallbackContext, callbackFor } from '../webhooks/status-callbacks.ts';

export interface SendRequest {
  to: string;
  /** Number of the account. Optional in the sandbox and with `usesDefaultNumber`. */
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
  /** Thrown for a new message; a repeat by idempotency key still returns the first message. */
  rejection?: HomingError | undefined;
}

export interface Idempotency {
  key: string;
  /** True: the key expires after 24 h, and a different body throws `conflict`. False: only the key is compared. */
  comparesBody: boolean;
}

export interface AcceptedMessage {
  message: Message;
  /** The idempotency key was used before. `message` is the first message; nothing was queued. */
  isRepeat: boolean;
}

export interface AcceptOptions {
  ids: IdSource;
  now: () => number;
  messageTtlMs: number;
  sandbox: TestNumbers;
  prices: Prices;
  /** Returns the number of SMS segments of a text. */
  countSegments: (text: string) => number;
  secrets: CallbackContext['secrets'];
}

const IDEMPOTENCY_WINDOW_MS = 24 * 60 * 60 * 1000;

export async function acceptMessage(
  tx: Queries,
  principal: Principal,
  plan: Plan,
  request: SendRequest,
  context: AcceptOptions,
): Promise<AcceptedMessage> {
  const tenant = tenantOf(principal);
  if (principal.kind === 'credential' && !(await tx.credentials.isLive(principal.credential.id)))
    throw unauthorized();

  const now = context.now();
  const { idempotency } = request;
  if (idempotency !== undefined) {
    const first = await findRepeated(tx, tenant.id, idempotency, request, now);
    if (first !== undefined) return { message: first, isRepeat: true };
  }

  if (request.rejection !== undefined) throw request.rejection;
  if (request.media.length > 0 && !plan.media) {
    throw planLimitExceeded('Your plan does not include media messages.', 'media_url');
  }
  if (await tx.suppressions.has(tenant.id, request.to)) throw recipientSuppressed(request.to);
  const { day, month } = calendarDay(now);
  await assertWithinMonth(tx, tenant.id, plan, month);

  const number =
    tenant.environment === 'test'
      ? await findSandboxNumber(tx, tenant.id, request.from, context)
      : await liveNumber(tx, tenant.id, request);
  const costCents =
    number.provider === null && request.service !== 'whatsapp'
      ? 0
      : costOf(number, request.service, context.countSegments(request.content), context.prices);
  const committedCents = Math.max(costCents, request.estimatedCostCents ?? 0);
  if (committedCents > 0) await commitSpend(tx, tenant.id, month, committedCents);
  const defer = deferralOf(request, tenant.environment, now, context);
  const callbackId =
    request.callbackUrl === undefined
      ? null
      : await callbackFor(tx, tenant.id, plan, request.callbackUrl, context);
  const message: Message = {
    ...NEW_MESSAGE_DEFAULTS,
    id: context.ids(),
    tenantId: tenant.id,
    numberId: number.id,
    direction: 'outbound',
    status: 'queued',
    ownNumber: number.phoneNumber,
    handle: request.to,
    content: request.content,
    media: request.media.map((media) => (typeof media === 'string' ? mediaAt(media, context.ids()) : media)),
    chat: null,
    requestedService: request.service,
    ...defer,
    sendAt: request.sendAt ?? null,
    priority: request.priority ?? 0,
    expiresAt: request.expiresAt ?? Math.max(now, request.sendAt ?? 0) + context.messageTtlMs,
    hasRequestedExpiry: request.expiresAt !== undefined,
    callbackId,
    createdAt: now,
    metadata: request.metadata ?? null,
    template: request.template ?? null,
    costCents,
    committedCents,
  };
  // Earlier messages to the same recipient stay ahead of this one.
  if (message.priority < 0) await tx.messages.promote(number.id, message.handle);
  await tx.messages.insert(message, { at: now, kind: 'accepted', status: 'queued', detail: null });
  await tx.usage.countMessage(tenant.id, month, number.id, day);
  if (idempotency !== undefined) {
    await tx.idempotency.put(tenant.id, idempotency.key, {
      fingerprint: fingerprintOf(request),
      messageId: message.id,
      createdAt: now,
    });
  }
  return { message, isRepeat: false };
}

/** @throws HomingError if the plan's messages per month are used up. */
export async function assertWithinMonth(
  tx: Queries,
  tenantId: number,
  { messagesPerMonth }: Plan,
  month: string,
): Promise<void> {
  if (messagesPerMonth === null) return;
  if ((await tx.usage.messagesInMonth(tenantId, month)) >= messagesPerMonth)
    throw planLimitExceeded(`Your plan's limit of ${messagesPerMonth} messages per month is reached.`);
}

/** Returns the number that sends a message without `from`. Writes nothing. @throws HomingError */
export async function defaultNumber(
  read: Queries,
  tenant: Tenant,
  { defaultSender }: Pick<TestNumbers, 'defaultSender'>,
): Promise<Pick<OwnNumber, 'phoneNumber' | 'provider'>> {
  if (tenant.environment === 'live')
    return liveNumber(read, tenant.id, { from: undefined, usesDefaultNumber: true });
  const registered = await read.numbers.findByPhone(tenant.id, defaultSender);
  if (registered?.status === 'paused') throw paused(defaultSender);
  return registered ?? { ...DEVICE_NUMBER_DEFAULTS, phoneNumber: defaultSender };
}

/** Returns the message that an earlier request with the same key created. */
async function findRepeated(
  tx: Queries,
  tenantId: number,
  { key, comparesBody }: Idempotency,
  request: SendRequest,
  now: number,
): Promise<Message | undefined> {
  const record = await tx.idempotency.find(tenantId, key);
  if (record === undefined) return undefined;
  if (comparesBody) {
    if (record.createdAt <= now - IDEMPOTENCY_WINDOW_MS) return undefined;
    if (record.fingerprint !== fingerprintOf(request)) {
      throw conflict(
        'This Idempotency-Key was used with a different body in the last 24 hours. Use a new key.',
        'Idempotency-Key',
      );
    }
  }
  return tx.messages.find(tenantId, record.messageId);
}

function fingerprintOf(request: SendRequest): string {
  const { to, from, content, media, service } = request;
  const contents = media.map((file) => (typeof file === 'string' ? file : file.sha256));
  const { sendAt, expiresAt, priority, callbackUrl, metadata } = request;
  const options = JSON.stringify({ sendAt, expiresAt, priority, callbackUrl, metadata });
  return JSON.stringify([
    ...[to, from ?? null, content, contents[0] ?? null, service, ...contents.slice(1)],
    ...(options === '{}' ? [] : [options]),
  ]);
}

function deferralOf(
  { sendAt, to }: SendRequest,
  environment: Environment,
  now: number,
  { sandbox }: AcceptOptions,
): Pick<Message, 'isDeferred' | 'deferredUntil' | 'deferReason'> {
  if (sendAt !== undefined) return { isDeferred: true, deferredUntil: sendAt, deferReason: 'scheduled' };
  const until = environment === 'test' ? sandbox.deferUntil(to, now) : null;
  return {
    isDeferred: until !== null,
    deferredUntil: until,
    deferReason: until === null ? null : 'no_device',
  };
}

function mediaAt(sourceUrl: string, id: string): Media {
  return { ...NOT_FETCHED, id, sourceUrl, name: nameFromUrl(sourceUrl) };
}

async function liveNumber(
  tx: Queries,
  tenantId: number,
  { from, usesDefaultNumber }: Pick<SendRequest, 'from' | 'usesDefaultNumber'>,
): Promise<OwnNumber> {
  if (from === undefined) {
    if (!usesDefaultNumber) throw invalidRequest("'from' is required.", 'from');
    const number = await tx.numbers.defaultSender(tenantId);
    if (number === undefined) {
      throw new HomingError('invalid_request', 'The account has no number that can send.', {
        param: 'from',
        fix: 'Pair the iPhone or Mac that has your number (`homing pair`), or resume a paused number.',
      });
    }
    return number;
  }
  const number = await tx.numbers.findByPhone(tenantId, from);
  if (number === undefined || !number.verified) throw notRegistered(from);
  if (number.status === 'paused') throw paused(from);
  return number;
}

/** Returns the sandbox number. The sandbox sends from any number and inserts an unknown one. */
export async function findSandboxNumber(
  tx: Queries,
  tenantId: number,
  requested: string | undefined,
  { ids, now, sandbox }: Pick<AcceptOptions, 'ids' | 'now' | 'sandbox'>,
): Promise<OwnNumber> {
  const from = requested ?? sandbox.defaultSender;
  if (sandbox.isUnregistered(from)) throw notRegistered(from);
  const registered = await tx.numbers.findByPhone(tenantId, from);
  if (registered?.status === 'paused' || sandbox.isPaused(from)) throw paused(from);
  if (registered !== undefined) return registered;
  const number: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    hasWhatsapp: true,
    id: ids(),
    tenantId,
    phoneNumber: from,
    label: 'Sandbox',
    status: 'active',
    verified: true,
    createdAt: now(),
  };
  await tx.numbers.insert(number);
  return number;
}

const notRegistered = (from: string) =>
  invalidRequest(`The 'from' number ${from} is not registered or verified for this team.`, 'from');
const paused = (from: string) => invalidRequest(`The 'from' number ${from} is currently paused.`, 'from');
