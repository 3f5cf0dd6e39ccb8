/**
 * Arranges messages into rows: separators of days, changes of the group, and runs of one sender with the state under the
 * last bubble.
 */
import type { GroupChange, Message } from '../../api/types.ts';
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
  | { kind: 'change'; key: string; change: GroupChange }
  | { kind: 'pending'; key: string; pending: PendingMessage };

/** A pause of this length starts a new run. */
const RUN_PAUSE_MS = 10 * 60_000;

/**
 * `messages` oldest first, `changes` newest first. `hasOlder`: messages before these are not loaded, so the first one does
 * not show the start of a day or of a run. A row that moved up when they arrive would take the place of the viewer with
 * it. `hasNewer`: messages after these are not loaded.
 */
export function rowsOf(
  messages: readonly Message[],
  pending: readonly PendingMessage[],
  changes: readonly GroupChange[],
  { hasOlder, hasNewer }: { hasOlder: boolean; hasNewer: boolean },
): Row[] {
  const rows: Row[] = [];
  const items = inOrder(messages, changes, { hasOlder, hasNewer });
  items.forEach((item, index) => {
    const before = items[index - 1];
    const at = timeOf(item);
    const startsDay = before === undefined ? !hasOlder : dayNumber(timeOf(before)) !== dayNumber(at);
    if (startsDay) rows.push({ kind: 'day', key: `day ${dayNumber(at)}`, at });
    if ('kind' in item) {
      rows.push({ kind: 'change', key: `change ${at} ${item.kind} ${item.value}`, change: item });
      return;
    }
    const after = items[index + 1];
    const isFirst = startsDay || (before !== undefined && !isSameRun(before, item));
    const isLast =
      after === undefined || dayNumber(timeOf(after)) !== dayNumber(at) || !isSameRun(item, after);
    rows.push({
      ...{ kind: 'message', key: item.id, message: item, isFirst, isLast },
      showsSender: isFirst && item.isGroup && item.direction === 'inbound',
    });
  });
  for (const one of pending) rows.push({ kind: 'pending', key: one.key, pending: one });
  return rows;
}

type Item = Message | GroupChange;

const timeOf = (item: Item) => ('kind' in item ? item.at : item.createdAt);

/** Puts each change before the first message that is not earlier. Changes outside of the loaded messages are left out. */
function inOrder(
  messages: readonly Message[],
  changes: readonly GroupChange[],
  { hasOlder, hasNewer }: { hasOlder: boolean; hasNewer: boolean },
): Item[] {
  const from = hasOlder ? (messages[0]?.createdAt ?? Number.POSITIVE_INFINITY) : 0;
  const shown = changes.filter(({ at }) => at >= from).reverse();
  const items: Item[] = [];
  let next = 0;
  for (const message of messages) {
    for (
      let change = shown[next];
      change !== undefined && change.at <= message.createdAt;
      change = shown[next]
    ) {
      items.push(change);
      next += 1;
    }
    items.push(message);
  }
  return hasNewer ? items : [...items, ...shown.slice(next)];
}

/** A state that needs attention ends a run, so that it is shown. */
function isSameRun(before: Item, message: Item): boolean {
  if ('kind' in before || 'kind' in message) return false;
  return (
    before.retractedAt === null &&
    message.retractedAt === null &&
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
