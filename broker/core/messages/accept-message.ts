/**
 * Accepts a message into the queue. All APIs and commands send through this function.
 *
 * - All checks run in the transaction that stores the message, including the check of the API key. A key that was
 *   revoked during the request sends nothing.
 * - A repeated idempotency key returns the first message, even if a new message would be rejected.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { isLive } from '../accounts/caller.ts';
import { commitSpend, costOf, type Prices } from '../billing/billing.ts';
import { type Principal, tenantOf } from '../model/api-key.ts';
import { calendarDay } from '../model/calendar.ts';
import { conflict, planLimitExceeded, recipientSuppressed, unauthorized } from '../model/errors.ts';
import { type Media, NOT_FETCHED, nameFromUrl } from '../model/media.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../model/message.ts';
import type { Plan } from '../model/plan.ts';
import type { Environment } from '../model/tenant.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';
import type { TestNumbers } from '../sandbox/test-numbers.ts';
import { type CallbackContext, callbackFor } from '../webhooks/status-callbacks.ts';
import { addresseeOf, assertNotSuppressed, targetOn } from './message-target.ts';
import { richFieldsOf } from './rich-fields.ts';
import { contentOf, IDEMPOTENCY_WINDOW_MS, type Idempotency, type SendRequest } from './send-request.ts';
import { findLiveNumber, findSandboxNumber } from './sender-number.ts';

export interface AcceptedMessage {
  message: Message;
  /** The idempotency key was used before. `message` is the first message; nothing was queued. */
  isRepeat: boolean;
}

export interface AcceptOptions {
  ids: IdSource;
  now: () => number;
  /** The clock by which a broker ends the time to live; undefined in a command, which does not run on. */
  monotonicNow?: (() => number) | undefined;
  messageTtlMs: number;
  sandbox: TestNumbers;
  prices: Prices;
  /** Returns the number of SMS segments of a text. */
  countSegments: (text: string) => number;
  secrets: CallbackContext['secrets'] & Pick<Secrets, 'hash'>;
}

export async function acceptMessage(
  tx: Queries,
  principal: Principal,
  plan: Plan,
  request: SendRequest,
  context: AcceptOptions,
): Promise<AcceptedMessage> {
  const tenant = tenantOf(principal);
  const now = context.now();
  if (!(await isLive(tx, principal, now))) throw unauthorized();

  const { idempotency } = request;
  if (idempotency !== undefined) {
    const first = await findRepeated(tx, tenant.id, idempotency, request, context);
    if (first !== undefined) return { message: first, isRepeat: true };
  }

  if (request.rejection !== undefined) throw request.rejection;
  if (request.media.length > 0 && !plan.media) {
    throw mediaNotIncluded(request.fields?.media);
  }
  const { rich } = request;
  const addressee = rich && (await addresseeOf(tx, tenant, request));
  if (addressee !== undefined) await assertNotSuppressed(tx, tenant.id, addressee);
  else if (await tx.suppressions.has(tenant.id, request.to)) throw recipientSuppressed(request.to);
  const { day, month } = calendarDay(now);
  await assertWithinMonth(tx, tenant.id, plan, month);

  const from = addressee?.from ?? request.from;
  const number =
    tenant.environment === 'test'
      ? await findSandboxNumber(tx, tenant.id, from, context)
      : await findLiveNumber(tx, tenant.id, { from, usesDefaultNumber: request.usesDefaultNumber ?? false });
  const target = addressee && (await targetOn(tx, number, addressee, { now, ids: context.ids }));
  const richFields = rich && target && (await richFieldsOf(tx, number, tenant.environment, target, request));
  const costCents =
    number.provider === null && request.service !== 'whatsapp'
      ? 0
      : costOf(number, request.service, context.countSegments(request.content), context.prices);
  const committedCents = Math.max(costCents, request.estimatedCostCents ?? 0);
  if (committedCents > 0) await commitSpend(tx, tenant.id, month, committedCents);
  const { isDeferred, deferredUntil, deferReason } = deferralOf(request, tenant.environment, now, context);
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
    handle: target?.handle ?? request.to,
    content: request.content,
    media: request.media.length === 0 ? NO_MEDIA : request.media.map(storedMedia(context)),
    chat: target?.chat ?? null,
    replyTo: richFields?.replyTo ?? null,
    effect: richFields?.effect ?? null,
    subject: richFields?.subject ?? null,
    isVoiceNote: richFields?.isVoiceNote ?? false,
    needs: richFields?.needs ?? 0,
    requestedService: request.service,
    // A spread in this place would be slow.
    isDeferred,
    deferredUntil,
    deferReason,
    sendAt: request.sendAt ?? null,
    priority: request.priority ?? 0,
    expiresAt: request.expiresAt ?? defaultExpiry(request, now, context),
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
      fingerprint: idempotency.comparesBody ? context.secrets.hash(contentOf(request)) : '',
      messageId: message.id,
      createdAt: now,
    });
  }
  return { message, isRepeat: false };
}

/** The later of both clocks, so that a message accepted while the system clock is behind does not expire early. */
function defaultExpiry(
  { sendAt }: SendRequest,
  now: number,
  { monotonicNow, messageTtlMs }: AcceptOptions,
): number {
  return Math.max(now, monotonicNow?.() ?? 0, sendAt ?? 0) + messageTtlMs;
}

export const mediaNotIncluded = (field = 'media_url') =>
  planLimitExceeded('Your plan does not include media messages.', field);

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

/** Returns the message that an earlier request with the same key created. */
async function findRepeated(
  tx: Queries,
  tenantId: number,
  { key, comparesBody }: Idempotency,
  request: SendRequest,
  { now, secrets }: AcceptOptions,
): Promise<Message | undefined> {
  const record = await tx.idempotency.find(tenantId, key);
  if (record === undefined) return undefined;
  if (comparesBody) {
    if (record.createdAt <= now() - IDEMPOTENCY_WINDOW_MS) return undefined;
    const content = contentOf(request);
    // Before version 10 of the schema, the content itself was stored.
    if (record.fingerprint !== secrets.hash(content) && record.fingerprint !== content) {
      throw conflict(
        'This Idempotency-Key was used with a different body in the last 24 hours. Use a new key.',
        'Idempotency-Key',
      );
    }
  }
  return tx.messages.find(tenantId, record.messageId);
}

const NOT_DEFERRED = { isDeferred: false, deferredUntil: null, deferReason: null } as const;

/** Returns the deferral of a new message. */
export function deferralOf(
  { sendAt, to }: Pick<SendRequest, 'sendAt' | 'to'>,
  environment: Environment,
  now: number,
  { sandbox }: Pick<AcceptOptions, 'sandbox'>,
): Pick<Message, 'isDeferred' | 'deferredUntil' | 'deferReason'> {
  if (sendAt !== undefined) return { isDeferred: true, deferredUntil: sendAt, deferReason: 'scheduled' };
  const until = environment === 'test' ? sandbox.deferUntil(to, now) : null;
  if (until === null) return NOT_DEFERRED;
  return { isDeferred: true, deferredUntil: until, deferReason: 'no_device' };
}

const NO_MEDIA: readonly Media[] = [];

const storedMedia =
  ({ ids }: AcceptOptions) =>
  (media: string | Media) =>
    typeof media === 'string' ? mediaAt(media, ids()) : media;

function mediaAt(sourceUrl: string, id: string): Media {
  return { ...NOT_FETCHED, id, sourceUrl, name: nameFromUrl(sourceUrl) };
}
