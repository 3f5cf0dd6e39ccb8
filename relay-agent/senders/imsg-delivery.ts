/**
 * Selects the methods of imsg for an item.
 *
 *   plain text ──▶ send.tracked ──not started──▶ send
 *   plain file ──▶ send
 *   reply, effect, subject, voice note ──▶ send.rich or send.attachment; for a contact without a chat, chats.create first
 *   new group ──▶ chats.create with the text, or chats.create and then one of the above
 *
 * - `send` works without the bridge; it uses the bridge for existing chats, and AppleScript otherwise.
 * - An error that does not prove that nothing was sent ends the delivery. The functions reject with it.
 * - All requests of an item share one timeout: a late message may already be reported as failed.
 */
import { z } from 'zod';
import { busyError, isNotStarted, rejected } from './imsg-errors.ts';
import { READ_TIMEOUT_MS, type RunningImsg } from './imsg-process.ts';
import {
  createRequest,
  type ImsgRequest,
  isRich,
  richRequest,
  sendRequest,
  trackedRequest,
  unsupportedReason,
} from './imsg-requests.ts';
import { hasCapability } from './imsg-status.ts';
import { needsOfSending, type Recipient, type Sending, type SendOutcome } from './sender.ts';

const identifier = z.string().min(1).max(500).optional().catch(undefined);
const sendResult = z
  .object({ guid: identifier, message_id: identifier, message_guid: identifier, chat_guid: identifier })
  .catch({});
const sendStatus = z.object({ send_state: z.string(), status_fields: z.unknown() });

export async function deliver(imsg: RunningImsg, sending: Sending, timeoutMs: number): Promise<SendOutcome> {
  const { to } = sending;
  const reason = unsupportedReason(sending) ?? missingReason(imsg, sending);
  if (reason !== undefined) return rejected(reason, 'unsupported');
  let startedAt: number | undefined;
  const request = async (one: ImsgRequest) => {
    const now = performance.now();
    startedAt ??= now;
    const left = timeoutMs - Math.round(now - startedAt);
    if (left <= 0) throw busyError(`the earlier requests took ${timeoutMs} ms`);
    return await imsg.request(one, left);
  };
  if (to.kind === 'new_group') return await deliverToNewGroup(request, sending, to);
  if (!isRich(sending)) return await deliverPlain(imsg, sending, to, request);
  try {
    return accepted(await request(richRequest(to, sending)));
  } catch (error) {
    const canCreate = to.kind === 'handle' && sending.replyTo === undefined;
    if (!canCreate || !isNotStarted(error) || !imsg.status.methods.has('chats.create')) throw error;
    const chat = await createdChat(request, [to.handle]);
    if (chat === undefined) throw error;
    return accepted(await request(richRequest({ kind: 'group', chat }, sending)));
  }
}

/** Returns what imsg stored about a tracked message: the state in its own words, or undefined if it has no row. */
export async function storedState(imsg: RunningImsg, guid: string): Promise<string | undefined> {
  const request = { method: 'message.send_status', parameters: { guid } };
  const { data } = sendStatus.safeParse(await imsg.request(request, READ_TIMEOUT_MS));
  return data === undefined || data.status_fields === null ? undefined : data.send_state;
}

export function accepted(result: unknown): SendOutcome & { kind: 'accepted' } {
  const { guid, message_id, message_guid, chat_guid: chat } = sendResult.parse(result);
  const of = guid ?? message_id ?? message_guid;
  return {
    kind: 'accepted',
    ...(of === undefined ? {} : { guid: of }),
    ...(chat === undefined ? {} : { chat }),
  };
}

type Request = (request: ImsgRequest) => Promise<unknown>;
type Existing = Exclude<Recipient, { kind: 'new_group' }>;

async function deliverPlain(
  imsg: RunningImsg,
  sending: Sending,
  to: Existing,
  request: Request,
): Promise<SendOutcome> {
  if (sending.content.kind === 'text' && imsg.status.methods.has('send.tracked')) {
    try {
      return accepted(await request(trackedRequest(to, sending)));
    } catch (error) {
      // Usually there is no chat yet. imsg also rejects an attempt id that was used before.
      if (!isNotStarted(error) || !imsg.isAlive()) throw error;
      const guid = sending.attemptId;
      const state = await storedState(imsg, guid).catch(() => undefined);
      if (state !== undefined) return { kind: 'accepted', guid };
    }
  }
  return accepted(await request(sendRequest(to, sending, transportOf(imsg))));
}

/** Without a choice, imsg would wait for a bridge that does not respond. A version without a status has no choice. */
function transportOf({ status }: RunningImsg): 'applescript' | undefined {
  return status.version === undefined || status.isBridgeReady ? undefined : 'applescript';
}

async function deliverToNewGroup(
  request: Request,
  sending: Sending,
  { participants, name }: Recipient & { kind: 'new_group' },
): Promise<SendOutcome> {
  const { content } = sending;
  if (content.kind === 'text' && !isRich(sending)) {
    return accepted(await request(createRequest(participants, name, content.text)));
  }
  const chat = await createdChat(request, participants, name);
  if (chat === undefined) return rejected('imsg created a group, but returned no guid of its chat.');
  const to = { kind: 'group', chat } as const;
  const outcome = accepted(
    await request(isRich(sending) ? richRequest(to, sending) : sendRequest(to, sending)),
  );
  return { chat, ...outcome };
}

async function createdChat(request: Request, addresses: readonly string[], name?: string) {
  return sendResult.parse(await request(createRequest(addresses, name))).chat_guid;
}

function missingReason({ status }: RunningImsg, sending: Sending): string | undefined {
  const missing = needsOfSending(sending).filter((need) => !hasCapability(status, need));
  if (missing.length > 0) return `imsg does not support at the moment: ${missing.join(', ')}.`;
  return sending.to.kind === 'new_group' && !status.methods.has('chats.create')
    ? 'imsg needs its bridge for a new group. Run: imsg launch'
    : undefined;
}
