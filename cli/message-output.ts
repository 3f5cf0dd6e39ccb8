/** Messages as commands show them. */
import type { Message } from '../broker/core/messages/messages.ts';
import { showId } from '../shared/ids.ts';

export function messageJson(message: Message) {
  const isInbound = message.direction === 'inbound';
  return {
    id: showId('msg', message.id),
    direction: message.direction,
    status: message.status,
    from: isInbound ? message.remote : message.ownNumber,
    to: isInbound ? message.ownNumber : message.remote,
    content: message.content,
    ...(message.isLate ? { late: true } : {}),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: new Date(message.createdAt).toISOString(),
  };
}

export function messageLine(message: Message): string {
  const { from, to, status, content, error_code, created_at } = messageJson(message);
  const state = error_code === null ? status : `${status} (${error_code})`;
  return `${created_at}  ${from} → ${to}  ${state}  ${content.replace(/\s+/g, ' ')}`;
}
