/**
 * Accepting a message: the one way into the queue, whichever API or command it comes by. Everything that can
 * refuse it is looked at inside the transaction that stores it, the caller's key included, so that a key that
 * was revoked while the request was under way sends nothing.
 */
import type { IdSource } from '../../shared/ids.ts';
import { type Actor, worldOf } from './accounts.ts';
import { calendarDay } from './calendar.ts';
import { conflict, type HomingError, invalidRequest, planLimitExceeded, unauthorized } from './errors.ts';
import { type Media, nameFromUrl } from './media.ts';
import { type Message, type RequestedService, UNTOUCHED } from './messages.ts';
import type { OwnNumber } from './numbers.ts';
import type { Plan } from './plans.ts';
import type { SandboxRules } from './sandbox-rules.ts';
import type { Queries } from './store-port.ts';

export interface SendRequest {
  to: string;
  /** Our number; may be left out in the sandbox only. */
  from: string | undefined;
  content: string;
  mediaUrl: string | null;
  service: RequestedService;
  idempotencyKey: string | undefined;
  /** Why nothing new may be queued now; a repeat of what was queued before is answered all the same. */
  refusal?: HomingError | undefined;
}

export interface Sent {
  message: Message;
  /** The idempotency key was seen before: this is the first answer's message, and nothing was queued. */
  isRepeat: boolean;
}

export interface SendRules {
  ids: IdSource;
  now: () => number;
  messageTtlMs: number;
  sandbox: SandboxRules;
}

const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

export async function acceptMessage(
  tx: Queries,
  actor: Actor,
  plan: Plan,
  request: SendRequest,
  rules: SendRules,
): Promise<Sent> {
  const world = worldOf(actor);
  if (actor.kind === 'credential' && !(await tx.credentials.isLive(actor.credential.id)))
    throw unauthorized();

  const now = rules.now();
  const fingerprint =
    request.idempotencyKey === undefined
      ? undefined
      : JSON.stringify([
          request.to,
          request.from ?? null,
          request.content,
          request.mediaUrl,
          request.service,
        ]);
  if (fingerprint !== undefined) {
    const known = await tx.idempotency.find(world.id, request.idempotencyKey!);
    if (known !== undefined && known.createdAt > now - IDEMPOTENCY_MS) {
      if (known.fingerprint !== fingerprint) {
        throw conflict(
          'This Idempotency-Key was used with another body in the last 24 hours.',
          'Idempotency-Key',
        );
      }
      const first = await tx.messages.find(world.id, known.messageId);
      if (first !== undefined) return { message: first, isRepeat: true };
    }
  }

  if (request.refusal !== undefined) throw request.refusal;
  if (request.mediaUrl !== null && !plan.media) {
    throw planLimitExceeded('Your plan does not include media messages.', 'media_url');
  }
  const { day, month } = calendarDay(now);
  if (plan.messagesPerMonth !== null) {
    const used = await tx.usage.messagesInMonth(world.id, month);
    if (used >= plan.messagesPerMonth) {
      throw planLimitExceeded(`Your plan's ${plan.messagesPerMonth} messages of this month are used up.`);
    }
  }

  const number =
    world.environment === 'test'
      ? await sandboxNumber(tx, world.id, request.from, rules)
      : await liveNumber(tx, world.id, request.from);
  const message: Message = {
    ...UNTOUCHED,
    id: rules.ids(),
    worldId: world.id,
    numberId: number.id,
    direction: 'outbound',
    status: 'queued',
    ownNumber: number.phoneNumber,
    remote: request.to,
    content: request.content,
    media: request.mediaUrl === null ? [] : [mediaAt(request.mediaUrl, rules.ids())],
    chat: null,
    requestedService: request.service,
    notBefore: world.environment === 'test' ? rules.sandbox.holdUntil(request.to, now) : null,
    expiresAt: now + rules.messageTtlMs,
    createdAt: now,
  };
  await tx.messages.insert(message, { at: now, kind: 'accepted', status: 'queued', detail: null });
  await tx.usage.countMessage(world.id, month, number.id, day);
  if (fingerprint !== undefined) {
    await tx.idempotency.put(world.id, request.idempotencyKey!, {
      fingerprint,
      messageId: message.id,
      createdAt: now,
    });
  }
  return { message, isRepeat: false };
}

function mediaAt(sourceUrl: string, id: string): Media {
  return { id, sourceUrl, contentType: null, size: null, name: nameFromUrl(sourceUrl), sha256: null };
}

async function liveNumber(tx: Queries, worldId: number, from: string | undefined): Promise<OwnNumber> {
  if (from === undefined) throw invalidRequest("'from' is required.", 'from');
  const number = await tx.numbers.findByPhone(worldId, from);
  if (number === undefined || !number.verified) throw notRegistered(from);
  if (number.status === 'paused') throw isPaused(from);
  return number;
}

/** The sandbox sends from any number; one that it has not met yet becomes a number of the account's sandbox. */
async function sandboxNumber(
  tx: Queries,
  worldId: number,
  asked: string | undefined,
  { ids, now, sandbox }: SendRules,
): Promise<OwnNumber> {
  const from = asked ?? sandbox.defaultSender;
  if (sandbox.isUnregistered(from)) throw notRegistered(from);
  const known = await tx.numbers.findByPhone(worldId, from);
  if (known?.status === 'paused' || sandbox.isPaused(from)) throw isPaused(from);
  if (known !== undefined) return known;
  const number: OwnNumber = {
    id: ids(),
    worldId,
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
