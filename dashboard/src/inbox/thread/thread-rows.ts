/** Arranges messages into rows: separators of days, and runs of one sender with the state under the last bubble. */
import type { Message } from '../../api/types.ts';
import { dayNumber } from '../../ui/time.tsx';
import type { PendingMessage } from './pending-messages.ts';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | {
      kind: 'message';
      key: string;
      message: Message;
      isFirst: boolean;
      isLast: boolean;
      /** Name of the sender above the first bubble of a run in a group. */
      showsSender: boolean;
    }
  | { kind: 'pending'; key: string; pending: PendingMessage };

/** A pause of this length starts a new run. */
const RUN_PAUSE_MS = 10 * 60_000;

/**
 * `messages` oldest first. `hasOlder`: messages before these are not loaded, so the first one does not show the start of
 * a day or of a run. A row that moved up when they arrive would take the place of the viewer with it.
 */
export function rowsOf(
  messages: readonly Message[],
  pending: readonly PendingMessage[],
  hasOlder: boolean,
): Row[] {
  const rows: Row[] = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    const startsDay =
      before === undefined ? !hasOlder : dayNumber(before.createdAt) !== dayNumber(message.createdAt);
    if (startsDay)
      rows.push({ kind: 'day', key: `day ${dayNumber(message.createdAt)}`, at: message.createdAt });
    const isFirst = startsDay || (before !== undefined && !isSameRun(before, message));
    const isLast =
      after === undefined ||
      dayNumber(after.createdAt) !== dayNumber(message.createdAt) ||
      !isSameRun(message, after);
    rows.push({
      ...{ kind: 'message', key: message.id, message, isFirst, isLast },
      showsSender: isFirst && message.isGroup && message.direction === 'inbound',
    });
  });
  for (const one of pending) rows.push({ kind: 'pending', key: one.key, pending: one });
  return rows;
}

/** A state that needs attention ends a run, so that it is shown. */
function isSameRun(before: Message, message: Message): boolean {
  return (
    before.direction === message.direction &&
    before.handle === message.handle &&
    message.createdAt - before.createdAt < RUN_PAUSE_MS &&
    stateClass(before) === stateClass(message)
  );
}

function stateClass({ direction, status }: Message): string {
  if (direction === 'inbound') return 'inbound';
  if (status === 'failed') return 'failed';
  return status === 'queued' ? 'queued' : 'sent';
}
