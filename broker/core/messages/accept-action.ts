/**
 * Accepts actions on messages and groups into the queue: reactions, edits, unsending, changes of a group. An action is a
 * message of the queue with `action`, in the order of its conversation.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { isLive } from '../accounts/caller.ts';
import { assertSupported, supportedBits } from '../capabilities/number-capabilities.ts';
import { applyGroupChange } from '../groups/group-chats.ts';
import { suppressedRecipient } from '../groups/suppressed-recipient.ts';
import { addActionEntry, recordTransition } from '../lifecycle/record-transition.ts';
import { type Principal, tenantOf } from '../model/api-key.ts';
import { capabilityBits } from '../model/capability.ts';
import { conflict, notFound, recipientSuppressed, unauthorized } from '../model/errors.ts';
import type { GroupChat } from '../model/group-chat.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../model/message.ts';
import { GROUP_CHANGES, type MessageAction } from '../model/message-action.ts';
import { transition } from '../model/message-transition.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Environment } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { type Action, type ActionRequest, groupAction, messageAction } from './action-rules.ts';

export interface ActionContext {
  ids: IdSource;
  now: () => number;
  messageTtlMs: number;
}

export interface AcceptedAction {
  /** The queued or cancelled action; null: the change was made at once, in a group that Messages does not know yet. */
  message: Message | null;
  /** The request ended a queued action instead of queueing one. */
  isCancelled: boolean;
}

/** @throws HomingError */
export async function acceptAction(
  tx: Queries,
  principal: Principal,
  request: ActionRequest,
  context: ActionContext,
): Promise<AcceptedAction> {
  const tenant = tenantOf(principal);
  const now = context.now();
  if (!(await isLive(tx, principal, now))) throw unauthorized();
  if (request.on === 'group') {
    const group = await tx.groups.findByConversation(tenant.id, request.id);
    if (group === undefined) throw notFound('Group');
    const number = await numberOf(tx, group);
    const action = groupAction(group, number, request);
    if (await isNewGroup(tx, group)) {
      await changeNewGroup(tx, number, group, action.action, context);
      return { message: null, isCancelled: false };
    }
    const { environment } = tenant;
    const message = await queueAction(tx, number, group.chat, group.chat, action, {
      ...context,
      environment,
    });
    return { message, isCancelled: false };
  }
  const message = await tx.messages.find(tenant.id, request.id);
  if (message === undefined) throw notFound('Message');
  if (request.kind === 'unreact') {
    const cancelled = await cancelReaction(tx, message, request.reactionId, context);
    if (cancelled !== undefined) return { message: cancelled, isCancelled: true };
  }
  const number = await numberOf(tx, message);
  const action = await messageAction(tx, message, request, now);
  const recipient = message.chat ?? message.handle;
  const queued = await queueAction(tx, number, recipient, message.chat, action, {
    ...context,
    environment: tenant.environment,
    ...(message.status === 'queued' ? { after: message } : {}),
  });
  await addActionEntry(tx, message, queued, now);
  return { message: queued, isCancelled: false };
}

/** Number of the newest messages of a group that are examined; a new group has few. */
const EXAMINED = 20;

/** Whether Messages does not know the group yet: no message is at a device, which would create it as it was then. */
async function isNewGroup(tx: Queries, { guid, tenantId, numberId, chat }: GroupChat): Promise<boolean> {
  if (guid !== null) return false;
  const key = { tenantId, numberId, recipient: chat, isGroup: true };
  const messages = await tx.messages.thread(key, { limit: EXAMINED });
  return !messages.some(({ status }) => DISPATCHED.has(status));
}

const DISPATCHED: ReadonlySet<Message['status']> = new Set(['polling', 'sent', 'delivered']);

/** The first message creates the group in Messages, with the name and the participants of that time. */
async function changeNewGroup(
  tx: Queries,
  number: OwnNumber,
  group: GroupChat,
  { kind, value }: MessageAction,
  { ids, now }: ActionContext,
): Promise<void> {
  const changeKind = kind === 'leave_group' ? undefined : GROUP_CHANGES[kind];
  if (changeKind === undefined) throw conflict('The group has no message yet.');
  const left = group.participants.length - 1;
  if (changeKind === 'left' && left < 2) throw conflict('A group has at least two participants.');
  const change = { guid: ids(), at: now(), kind: changeKind, actor: number.phoneNumber, value };
  await applyGroupChange(tx, number, group, change, { ids, now: now() });
}

async function numberOf(
  tx: Queries,
  { tenantId, numberId }: Pick<Message, 'tenantId' | 'numberId'>,
): Promise<OwnNumber> {
  const number = await tx.numbers.find(tenantId, numberId);
  if (number === undefined) throw conflict('The number of the conversation was removed.');
  if (number.status === 'paused') throw conflict(`The number ${number.phoneNumber} is paused.`);
  return number;
}

interface QueueContext extends ActionContext {
  environment: Environment;
  /** The queued message that the action is about. The action waits as long as the message. */
  after?: Message;
}

async function queueAction(
  tx: Queries,
  number: OwnNumber,
  handle: string,
  chat: string | null,
  { action, needs, param, expiresAt }: Action,
  { ids, now, messageTtlMs, environment, after }: QueueContext,
): Promise<Message> {
  const bits = capabilityBits(chat === null ? [needs] : [needs, 'groups']);
  assertSupported(bits, await supportedBits(tx, number, environment, bits), param);
  const { id: numberId, tenantId } = number;
  const suppressed = await suppressedRecipient(tx, { tenantId, numberId, handle, chat });
  if (suppressed !== undefined && action.kind !== 'leave_group') throw recipientSuppressed(suppressed);
  const at = now();
  const message: Message = {
    ...NEW_MESSAGE_DEFAULTS,
    id: ids(),
    tenantId: number.tenantId,
    numberId: number.id,
    direction: 'outbound',
    status: 'queued',
    ownNumber: number.phoneNumber,
    handle,
    content: '',
    media: [],
    chat,
    requestedService: 'auto',
    action,
    needs: bits,
    createdAt: at,
    isDeferred: after?.isDeferred ?? false,
    deferredUntil: after?.isDeferred ? after.deferredUntil : null,
    deferReason: after?.isDeferred ? after.deferReason : null,
    priority: after?.priority ?? 0,
    expiresAt: expiresAt ?? Math.max(at, after?.sendAt ?? 0) + messageTtlMs,
    hasRequestedExpiry: expiresAt !== null,
    // An action is never in the inbox.
    deletedAt: at,
  };
  await tx.messages.insert(message, { at, kind: 'accepted', status: 'queued', detail: null });
  return message;
}

/** Cancels a reaction that no device has begun to send. Returns undefined if there is none with the id. */
async function cancelReaction(
  tx: Queries,
  message: Message,
  reactionId: string,
  { now, ids }: ActionContext,
): Promise<Message | undefined> {
  const queued = await tx.messages.findItem(message.tenantId, reactionId);
  if (queued?.action?.kind !== 'react' || queued.action.messageId !== message.id) return undefined;
  if (queued.status === 'polling') {
    throw conflict('A device is sending the reaction. Remove it when it is sent.');
  }
  if (queued.status !== 'queued') return undefined;
  const step = transition(queued, { kind: 'cancel' }, now());
  if (step === undefined) return undefined;
  await recordTransition(tx, step, { now: now(), ids });
  return step.message;
}
