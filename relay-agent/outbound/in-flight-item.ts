/**
 * Represents an accepted message with its parts, or an accepted action. The parts of a message are its files and its text;
 * Messages sends each part separately. An action has one part.
 */
import {
  type DeliverItem,
  isAction,
  type OutboundItem,
  outboundId,
  type ReportState,
} from '../../shared/protocol.ts';
import { chatName } from '../chat-db/chats.ts';
import type { JournalPart } from '../journal/journal.ts';

export interface ItemPart extends JournalPart {
  index: number;
  kind: 'file' | 'text' | 'change';
  isSent: boolean;
  /** Monotonic time from which its row is awaited: the send attempt, or the last start of the agent. */
  waitingSince: number;
  /** Monotonic time since its row reports an unreachable recipient; Messages may withdraw that error. */
  unreachableSince: number | undefined;
  /** An empty row that Messages wrote in place of a group message. */
  ghost: { guid: string; since: number } | undefined;
}

export interface InFlightItem {
  item: OutboundItem;
  parts: ItemPart[];
  /** Paths of its staged files, in order. */
  files: string[];
  /** Reported states. Each state is reported once, although chat.db shows it at each poll. */
  reported: Set<ReportState>;
  /** Continues with the next part. */
  wake: () => void;
}

/** Creates an item from a journal entry or a new delivery. `waitingSince` is a monotonic time. */
export function inFlightItem(
  item: OutboundItem,
  parts: readonly JournalPart[],
  reported: Set<ReportState>,
  waitingSince: number,
): InFlightItem {
  const kinds = partKinds(item);
  return {
    item,
    parts: parts.map((part, index) => ({
      ...part,
      index,
      kind: kinds[index] ?? 'text',
      isSent: reported.has('sent'),
      waitingSince,
      unreachableSince: undefined,
      ghost: undefined,
    })),
    files: [],
    reported,
    wake: () => {},
  };
}

/**
 * Files come first, in the order of Messages itself: the text is their caption. In a new group the text comes first,
 * because some senders create a group only with a text.
 */
export function partKinds(item: OutboundItem): Array<ItemPart['kind']> {
  if (isAction(item)) return ['change'];
  const files = item.media.map(() => 'file' as const);
  const text = item.text === '' ? [] : ['text' as const];
  return isNewGroup(item) ? [...text, ...files] : [...files, ...text];
}

/** True for a group whose guid the broker does not know. */
export function isNewGroup({ to, chat }: Pick<DeliverItem, 'to' | 'chat'>): boolean {
  return to === undefined && chat === undefined;
}

export function isGroup({ to }: Pick<OutboundItem, 'to'>): boolean {
  return to === undefined;
}

/** Items with the same key are carried out one after the other. */
export function conversationKey({
  to,
  chat,
  participants = [],
}: Pick<OutboundItem, 'to' | 'chat' | 'participants'>): string {
  if (to !== undefined) return to;
  return chat === undefined ? participants.toSorted().join(' ') : chatName(chat);
}

export function idOf({ item }: InFlightItem): string {
  return outboundId(item);
}

export function hasBegun({ parts }: InFlightItem): boolean {
  return parts.some(({ step }) => step !== 'taken');
}

/** Monotonic time of the last send attempt, or of the agent's start. */
export function waitingSinceOf({ parts }: InFlightItem): number {
  return Math.max(...parts.map(({ waitingSince }) => waitingSince));
}

export function begunAtOf({ parts }: InFlightItem): number {
  return Math.max(...parts.map(({ begunAt }) => begunAt));
}

/** Sent or failed: the item uses no credit and blocks no other item. */
export function isFinished({ reported }: InFlightItem): boolean {
  return reported.has('sent') || reported.has('failed');
}
