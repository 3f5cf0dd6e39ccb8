/** Builds frames of the broker from messages, actions and errors. */
import { formatId } from '../../shared/ids.ts';
import {
  type ActItem,
  type BrokerFrame,
  type DeliverItem,
  type DeviceFrame,
  deviceFrame,
  FRAME_MAX_BYTES,
  PING_SECONDS,
} from '../../shared/protocol.ts';
import type { DispatchContext } from '../core/dispatch/dispatch-context.ts';
import { HomingError } from '../core/model/errors.ts';
import type { Message } from '../core/model/message.ts';
import type { MessageAction } from '../core/model/message-action.ts';
import type { DeviceContext } from './context.ts';

/** Maximum size of the items; the rest of the frame is smaller than 1 KiB. */
const ITEMS_MAX_BYTES = FRAME_MAX_BYTES - 1024;

type Contexts = ReadonlyMap<string, DispatchContext>;
type ItemFrame = Extract<BrokerFrame, { type: 'deliver' | 'act' }>;

/** Builds `deliver` and `act` frames of the allowed size, in the order of the messages and actions. */
export function itemFrames(
  messages: readonly Message[],
  contexts: Contexts,
  linkTo: DeviceContext['linkTo'],
): BrokerFrame[] {
  const frames: ItemFrame[] = [];
  let last: ItemFrame | undefined;
  let bytes = 0;
  for (const message of messages) {
    const context = contexts.get(message.id);
    const next: ItemFrame =
      message.action === null
        ? { type: 'deliver', items: [deliverItemOf(message, context, linkTo)] }
        : { type: 'act', items: [actItemOf(message, message.action, context)] };
    const size = Buffer.byteLength(JSON.stringify(next.items[0])) + 1;
    if (last?.type === next.type && bytes + size <= ITEMS_MAX_BYTES) {
      (last.items as unknown[]).push(...next.items);
      bytes += size;
      continue;
    }
    frames.push(next);
    last = next;
    bytes = size;
  }
  return frames;
}

function deliverItemOf(
  message: Message,
  context: DispatchContext | undefined,
  linkTo: DeviceContext['linkTo'],
): DeliverItem {
  return {
    message: formatId('msg', message.id),
    lease: formatId('lse', message.leaseId ?? ''),
    attempt: message.attempt,
    ...groupOrRecipientOf(message, context),
    ...nameOfNewGroup(context),
    from: message.ownNumber,
    text: message.content,
    media: message.media.map(({ id, contentType, size, name }) => ({
      url: linkTo(id, message.expiresAt),
      content_type: contentType,
      size,
      name,
    })),
    // WhatsApp messages are never dispatched to a device.
    service: message.requestedService as DeliverItem['service'],
    ...richFieldsOf(message, context),
    expires_at: new Date(message.expiresAt).toISOString(),
  };
}

function richFieldsOf(
  { subject, effect, isVoiceNote, replyTo }: Message,
  context: DispatchContext | undefined,
): Partial<DeliverItem> {
  const guid = context?.targetGuid ?? null;
  return {
    ...(subject === null ? {} : { subject }),
    ...(replyTo === null ? {} : { ...replyTargetOf(guid, replyTo.messageId), reply_part: replyTo.part }),
    ...(effect === null ? {} : { effect }),
    ...(isVoiceNote ? { voice_note: true } : {}),
  };
}

function replyTargetOf(guid: string | null, messageId: string | null): Partial<DeliverItem> {
  if (guid !== null) return { reply_to: guid };
  return messageId === null ? {} : { reply_to_message: formatId('msg', messageId) };
}

function actItemOf(
  message: Message,
  { kind, messageId, part, value }: MessageAction,
  context: DispatchContext | undefined,
): ActItem {
  const guid = context?.targetGuid ?? null;
  return {
    action: formatId('act', message.id),
    lease: formatId('lse', message.leaseId ?? ''),
    attempt: message.attempt,
    kind,
    from: message.ownNumber,
    ...groupOrRecipientOf(message, context),
    ...(messageId === null ? {} : { ...targetOf(guid, messageId), part }),
    ...(value === '' ? {} : { value }),
    expires_at: new Date(message.expiresAt).toISOString(),
  };
}

function targetOf(guid: string | null, messageId: string): Pick<ActItem, 'guid' | 'message'> {
  return guid === null ? { message: formatId('msg', messageId) } : { guid };
}

/** The participants describe a group that no device has created yet. */
function groupOrRecipientOf(
  { handle, chat }: Message,
  context: DispatchContext | undefined,
): Pick<DeliverItem, 'to' | 'chat' | 'participants'> {
  if (chat === null) return { to: handle };
  const { guid = chat, participants = [] } = context?.group ?? {};
  return guid === null ? { participants: [...participants] } : { chat: guid };
}

function nameOfNewGroup(context: DispatchContext | undefined): Pick<DeliverItem, 'chat_name'> {
  const group = context?.group;
  return group?.guid === null && group.name !== null ? { chat_name: group.name } : {};
}

export function cancelFrame({ id, action }: Message, leaseId: string): BrokerFrame {
  const lease = formatId('lse', leaseId);
  return action === null
    ? { type: 'cancel', message: formatId('msg', id), lease }
    : { type: 'cancel', action: formatId('act', id), lease };
}

export function welcomeFrame(
  { sessionId, deviceId, leaseMs }: { sessionId: string; deviceId: string; leaseMs: number },
  now: number,
): BrokerFrame {
  return {
    type: 'welcome',
    session: formatId('ses', sessionId),
    device: formatId('dev', deviceId),
    time: new Date(now).toISOString(),
    heartbeat_s: PING_SECONDS,
    lease_s: Math.round(leaseMs / 1000),
    pace: {},
  };
}

/** Builds the response to an invalid frame. */
export function frameError(
  raw: unknown,
  issue: { path: PropertyKey[]; message: string } | undefined,
): BrokerFrame {
  const frame = typeof raw === 'object' && raw !== null ? (raw as { type?: unknown; seq?: unknown }) : {};
  // Echoes only short text: the frame may be nested without limit.
  const type = typeof frame.type === 'string' ? frame.type.slice(0, 100) : null;
  const isKnown = deviceFrame.options.some((option) => option.shape.type.value === type);
  if (!isKnown) return { type: 'error', code: 'unknown_type', message: 'Unknown frame type.', of: type };
  const where = issue?.path.join('.') ?? '';
  return {
    type: 'error',
    code: 'invalid_frame',
    message: `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not valid'}`,
    of: { type, ...(typeof frame.seq === 'number' ? { seq: frame.seq } : {}) },
  };
}

export function helloRequired({ type }: DeviceFrame): BrokerFrame {
  return { type: 'error', code: 'hello_required', message: 'The first frame must be hello.', of: type };
}

/** Builds the response to a valid frame that could not be applied. */
export function failedFrame(frame: DeviceFrame, error: unknown): BrokerFrame {
  const isKnown = error instanceof HomingError;
  return {
    type: 'error',
    code: isKnown ? error.code : 'internal_error',
    message: isKnown ? error.message : 'Internal error. Send the frame again.',
    of: 'seq' in frame ? { type: frame.type, seq: frame.seq } : frame.type,
  };
}
