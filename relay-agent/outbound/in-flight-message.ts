/** Represents an accepted message with its parts: its files, then its text. Messages sends each part separately. */
import type { DeliverItem, ReportState } from '../../shared/protocol.ts';
import type { JournalPart } from '../journal/journal.ts';

export interface MessagePart extends JournalPart {
  index: number;
  kind: 'file' | 'text';
  isSent: boolean;
  /** Monotonic time from which its row is awaited: the send attempt, or the last start of the agent. */
  waitingSince: number;
  /** Monotonic time since its row reports an unreachable recipient; Messages may withdraw that error. */
  unreachableSince: number | undefined;
}

export interface InFlightMessage {
  item: DeliverItem;
  parts: MessagePart[];
  /** Paths of its staged files, in order. */
  files: string[];
  /** Reported states. Each state is reported once, although chat.db shows it at each poll. */
  reported: Set<ReportState>;
  /** Continues with the next part. */
  wake: () => void;
}

/** Creates a message from a journal entry or a new delivery. `waitingSince` is a monotonic time. */
export function inFlightMessage(
  item: DeliverItem,
  parts: readonly JournalPart[],
  reported: Set<ReportState>,
  waitingSince: number,
): InFlightMessage {
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
    })),
    files: [],
    reported,
    wake: () => {},
  };
}

/** Files come first, in the order of Messages itself: the text is their caption. */
export function partKinds({ media, text }: DeliverItem): Array<MessagePart['kind']> {
  return [...media.map(() => 'file' as const), ...(text === '' ? [] : ['text' as const])];
}

export function hasBegun({ parts }: InFlightMessage): boolean {
  return parts.some(({ step }) => step !== 'taken');
}

/** Monotonic time of the last send attempt, or of the agent's start. */
export function waitingSinceOf({ parts }: InFlightMessage): number {
  return Math.max(...parts.map(({ waitingSince }) => waitingSince));
}

export function begunAtOf({ parts }: InFlightMessage): number {
  return Math.max(...parts.map(({ begunAt }) => begunAt));
}

/** Sent or failed: the message uses no credit and blocks no other message. */
export function isFinished({ reported }: InFlightMessage): boolean {
  return reported.has('sent') || reported.has('failed');
}
