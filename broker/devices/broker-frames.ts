/** Builds frames of the broker from messages and errors. */
import { formatId } from '../../shared/ids.ts';
import { type BrokerFrame, type DeliverItem, deviceFrame, FRAME_MAX_BYTES } from '../../shared/protocol.ts';
import type { Message } from '../core/model/message.ts';
import type { DeviceContext } from './context.ts';

/** Maximum size of the items; the rest of the frame is smaller than 1 KiB. */
const DELIVER_MAX_BYTES = FRAME_MAX_BYTES - 1024;

/** Builds `deliver` frames of the allowed size, in the order of the messages. */
export function deliverFrames(messages: readonly Message[], linkTo: DeviceContext['linkTo']): BrokerFrame[] {
  const frames: BrokerFrame[] = [];
  let items: DeliverItem[] = [];
  let bytes = 0;
  for (const message of messages) {
    const item = deliverItemOf(message, linkTo);
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + size > DELIVER_MAX_BYTES && items.length > 0) {
      frames.push({ type: 'deliver', items });
      items = [];
      bytes = 0;
    }
    items.push(item);
    bytes += size;
  }
  return [...frames, { type: 'deliver', items }];
}

function deliverItemOf(message: Message, linkTo: DeviceContext['linkTo']): DeliverItem {
  return {
    message: formatId('msg', message.id),
    lease: formatId('lse', message.leaseId ?? ''),
    attempt: message.attempt,
    to: message.handle,
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
    expires_at: new Date(message.expiresAt).toISOString(),
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
