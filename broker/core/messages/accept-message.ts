/**
 * Accepting a message: the one way into the queue, whichever API or command it comes by. Everything that can
 * refuse it is looked at inside the transaction that stores it, the caller's key included, so that a key that
 * was revoked while the request was under way sends nothing.
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
  /** Our number; may be left out in the sandbox, and where `usesDefaultNumber`. */
  from: string | undefined;
  /** Without a `from` the account's oldest number that can send is meant. */
  usesDefaultNumber?: boolean;
  content: string;
  /** Addresses at which the attachments are, or attachments that the broker has. */
  media: readonly (string | Media)[];
  service: RequestedService;
  idempotency?: Idempotency | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
  template?: MessageTemplate | undefined;
  /** What the sender reckons it costs, in cents. */
  estimatedCostCents?: number | undefined;
  /** Not handed out before (epoch ms). */
  sendAt?: number | undefined;
  /** Failed as expired when nobody could send it until then (epoch ms). */
  expiresAt?: number | undefined;
  priority?: Priority | undefined;
  /** What became of it is told to this address. */
  callbackUrl?: string | undefined;
  /** Why nothing new may be queued now; a repeat of what was queued before is answered all the same. */
  rejection?: HomingError | undefined;
}

export interface Idempotency {
  key: string;
  /** Whether the same key with another body is refused, and forgotten after a day; else the key alone counts. */
  comparesBody: boolean;
}

export interface AcceptedMessage {
  message: Message;
  /** The idempotency key was seen before: this is the first answer's message, and nothing was queued. */
  isRepeat: boolean;
}

export interface AcceptOptions {
  ids: IdSource;
  now: () => number;
  messageTtlMs: number;
  sandbox: TestNumbers;
  prices: Prices;
  /** How many SMS a text would take. */
  countSegments: (text: string) => number;
  secrets: CallbackContext['secrets'];
}

const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

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
  const fingerprint = idempotency === undefined ? undefined : fingerprintOf(request);
  if (idempotency !== undefined) {
    const known = await tx.idempotency.find(tenant.id, idempotency.key);
    if (known !== undefined && (!idempotency.comparesBody || known.createdAt > now - IDEMPOTENCY_MS)) {
      if (idempotency.comparesBody && known.fingerprint !== fingerprint) {
        throw conflict(
          'This Idempotency-Key was used with another body in the last 24 hours.',
          'Idempotency-Key',
        );
      }
      const first = await tx.messages.find(tenant.id, known.messageId);
      if (first !== undefined) return { message: first, isRepeat: true };
    }
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
  // Nothing overtakes what was accepted for the same person before.
  if (message.priority < 0) await tx.messages.promote(number.id, message.handle);
  await tx.messages.insert(message, { at: now, kind: 'accepted', status: 'queued', detail: null });
  await tx.usage.countMessage(tenant.id, month, number.id, day);
  if (idempotency !== undefined) {
    await tx.idempotency.put(tenant.id, idempotency.key, {
      fingerprint: fingerprint!,
      messageId: message.id,
      createdAt: now,
    });
  }
  return { message, isRepeat: false };
}

/** @throws HomingError where the plan's messages of the month are used up. */
export async function assertWithinMonth(
  tx: Queries,
  tenantId: number,
  { messagesPerMonth }: Plan,
  month: string,
): Promise<void> {
  if (messagesPerMonth === null) return;
  if ((await tx.usage.messagesInMonth(tenantId, month)) >= messagesPerMonth)
    throw planLimitExceeded(`Your plan's ${messagesPerMonth} messages of this month are used up.`);
}

/** What a message goes out from where it names no number; nothing is written. @throws HomingError */
export async function defaultNumber(
  read: Queries,
  tenant: Tenant,
  { defaultSender }: Pick<TestNumbers, 'defaultSender'>,
): Promise<Pick<OwnNumber, 'phoneNumber' | 'provider'>> {
  if (tenant.environment === 'live')
    return liveNumber(read, tenant.id, { from: undefined, usesDefaultNumber: true });
  const known = await read.numbers.findByPhone(tenant.id, defaultSender);
  if (known?.status === 'paused') throw isPaused(defaultSender);
  return known ?? { ...DEVICE_NUMBER_DEFAULTS, phoneNumber: defaultSender };
}

function fingerprintOf(request: SendRequest): string {
  const { to, from, content, media, service } = request;
  const named = media.map((one) => (typeof one === 'string' ? one : one.sha256));
  const { sendAt, expiresAt, priority, callbackUrl, metadata } = request;
  const options = JSON.stringify({ sendAt, expiresAt, priority, callbackUrl, metadata });
  return JSON.stringify([
    ...[to, from ?? null, content, named[0] ?? null, service, ...named.slice(1)],
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
      throw new HomingError('invalid_request', 'The account has no number that can send yet.', {
        param: 'from',
        fix: 'Pair the iPhone or Mac that has your number (`homing pair`), or resume one that is paused.',
      });
    }
    return number;
  }
  const number = await tx.numbers.findByPhone(tenantId, from);
  if (number === undefined || !number.verified) throw notRegistered(from);
  if (number.status === 'paused') throw isPaused(from);
  return number;
}

/** The sandbox sends from any number; one that it has not met yet becomes a number of the account's sandbox. */
export async function findSandboxNumber(
  tx: Queries,
  tenantId: number,
  asked: string | undefined,
  { ids, now, sandbox }: Pick<AcceptOptions, 'ids' | 'now' | 'sandbox'>,
): Promise<OwnNumber> {
  const from = asked ?? sandbox.defaultSender;
  if (sandbox.isUnregistered(from)) throw notRegistered(from);
  const known = await tx.numbers.findByPhone(tenantId, from);
  if (known?.status === 'paused' || sandbox.isPaused(from)) throw isPaused(from);
  if (known !== undefined) return known;
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
const isPaused = (from: string) => invalidRequest(`The 'from' number ${from} is currently paused.`, 'from');
