/** Names the status of a message in one or two words. */
import IconReceived from 'icon:arrow-down-left';
import type { Message } from '../api/types.ts';
import { Status, type StatusKind } from '../ui/status.tsx';

export function MessageStatus({ message }: { message: Message }) {
  const { kind, name } = statusOf(message);
  return (
    <Status kind={kind} icon={message.direction === 'inbound' ? IconReceived : undefined}>
      {name}
    </Status>
  );
}

export function statusOf({
  status,
  sendAt,
  wait,
  readAt,
  error,
}: Pick<Message, 'status' | 'sendAt' | 'wait' | 'readAt' | 'error'>): { kind: StatusKind; name: string } {
  switch (status) {
    case 'queued':
      if (sendAt !== null && sendAt > Date.now()) return { kind: 'waiting', name: 'Scheduled' };
      return wait === null ? { kind: 'neutral', name: 'Queued' } : { kind: 'waiting', name: 'Waiting' };
    case 'polling':
      return { kind: 'neutral', name: 'Sending' };
    case 'sent':
      return { kind: 'good', name: readAt === null ? 'Sent' : 'Read' };
    case 'delivered':
      return { kind: 'good', name: readAt === null ? 'Delivered' : 'Read' };
    case 'failed':
      return error?.code === 'cancelled'
        ? { kind: 'neutral', name: 'Cancelled' }
        : { kind: 'bad', name: 'Failed' };
    case 'received':
      return { kind: 'neutral', name: 'Received' };
  }
}
