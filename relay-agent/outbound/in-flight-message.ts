/** A message that the agent has, with its parts: its files, then its text, each a message of its own to Messages. */
import type { DeliverItem, ReportState } from '../../shared/protocol.ts';
import type { JournalPart } from '../journal/journal.ts';

export interface Part extends JournalPart {
  index: number;
  kind: 'file' | 'text';
  isSent: boolean;
  /** Since when, by `monotonicNow`, its row is waited for: since it was begun, or the agent started again. */
  waitingSince: number;
  /** Since when, by `monotonicNow`, its row says that iMessage does not reach the person; it may be taken back. */
  unreachableSince: number | undefined;
}

export interface Open {
  item: DeliverItem;
  parts: Part[];
  /** Where its files are for now, in order. */
  files: string[];
  /** So that what chat.db keeps saying is not written down at each look. */
  reported: Set<ReportState>;
  /** Goes on with the next part. */
  wake: () => void;
}

/** As the journal knows it, or as it was just taken. `monotonicNow` is from when on its rows are waited for. */
export function openMessage(
  item: DeliverItem,
  parts: readonly JournalPart[],
  reported: Set<ReportState>,
  monotonicNow: number,
): Open {
  const kinds = kindsOf(item);
  return {
    item,
    parts: parts.map((part, index) => ({
      ...part,
      index,
      kind: kinds[index] ?? 'text',
      isSent: reported.has('sent'),
      waitingSince: monotonicNow,
      unreachableSince: undefined,
    })),
    files: [],
    reported,
    wake: () => {},
  };
}

/** Files first, as Messages itself shows them: the text is their caption. */
export function kindsOf({ media, text }: DeliverItem): Array<Part['kind']> {
  return [...media.map(() => 'file' as const), ...(text === '' ? [] : ['text' as const])];
}

export function isBegun({ parts }: Open): boolean {
  return parts.some(({ step }) => step !== 'taken');
}

/** By `monotonicNow`: when the last of its parts was begun, or found at the start. */
export function waitingSinceOf({ parts }: Open): number {
  return Math.max(...parts.map(({ waitingSince }) => waitingSince));
}

export function begunAtOf({ parts }: Open): number {
  return Math.max(...parts.map(({ begunAt }) => begunAt));
}

/** Sent or failed: it holds up nothing and takes no room any more. */
export function isOver({ reported }: Open): boolean {
  return reported.has('sent') || reported.has('failed');
}
