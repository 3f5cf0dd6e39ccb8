/** Builds frames of the broker from messages and errors. */
import { formatId } from '../../shared/ids.ts';
import { type BrokerFrame, type DeliverItem, deviceFrame } from '../../shared/protocol.ts';
import type { Message } from '../core/model/message.ts';
import type { DeviceContext } from './context.ts';

/** Builds the item of a message in a `deliver` frame. */
export function deliverItemOf(message: Message, linkTo: DeviceContext['linkTo']): DeliverItem {
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
