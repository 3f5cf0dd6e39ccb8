/**
 * Shows the messages of a conversation, the newest at the bottom. Only the visible rows are rendered. The list stays in
 * place when older messages load above it, and follows new messages while it is at its end.
 */

import IconDown from 'icon:arrow-down';
import { Button, Loader } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { formatDay, formatExact, useNow } from '../../ui/time.tsx';
import { changeText } from './group-change.ts';
import { MessageBubble } from './message-bubble.tsx';
import styles from './message-list.module.css';
import { PendingBubble } from './pending-bubble.tsx';
import { withPending } from './pending-changes.ts';
import type { PendingMessage } from './pending-messages.ts';
import { useOpenConversation } from './thread-context.tsx';
import type { Row } from './thread-rows.ts';

/** Distance from either end, in pixels, at which further messages are loaded. */
const LOAD_AHEAD = 1_200;
const END_THRESHOLD = 80;
const ESTIMATES = { day: 44, change: 32, message: 48, pending: 56 } as const;
/** The background of a message to which the viewer has jumped. */
const FLASH_MS = 1_600;

interface Props {
  rows: readonly Row[];
  /** Message to show first, such as a search result. */
  around: string | undefined;
  loadOlder: (() => void) | undefined;
  loadNewer: (() => void) | undefined;
  /** Newer messages are not loaded: the list shows an old part of the conversation. */
  hasNewer: boolean;
  isLoadingOlder: boolean;
  onShowLatest(): void;
  /** Opens the conversation at a message that is not loaded. */
  onShowMessage(id: string): void;
  onRetry(pending: PendingMessage): void;
  onDiscard(pending: PendingMessage): void;
}

export function MessageList(props: Props) {
  const { rows, around, loadOlder, loadNewer, hasNewer, isLoadingOlder, onShowLatest, onShowMessage } = props;
  const container = useRef<HTMLDivElement>(null);
  const isPrinting = useIsPrinting();
  const aroundIndex = around === undefined ? -1 : rows.findIndex(({ key }) => key === around);
  const [isAtEnd, setAtEnd] = useState(aroundIndex < 0);
  // Still false in the render with the last of the newer pages, which is no new message.
  const [isComplete, setComplete] = useState(!hasNewer);
  useEffect(() => setComplete(!hasNewer), [hasNewer]);
  const [unseen, setUnseen] = useState(0);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => container.current,
    estimateSize: (index) => ESTIMATES[rows[index]?.kind ?? 'message'],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 10,
    paddingStart: 12,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: isComplete,
    scrollEndThreshold: END_THRESHOLD,
  });

  // Only when the conversation opens.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useLayoutEffect(() => {
    if (aroundIndex >= 0) list.scrollToIndex(aroundIndex, { align: 'center' });
    else list.scrollToEnd();
  }, [list]);

  const lastKey = rows.at(-1)?.key;
  const seenKey = useRef(lastKey);
  useEffect(() => {
    if (lastKey === seenKey.current) return;
    const isOwn = rows.at(-1)?.kind === 'pending';
    if (isAtEnd || isOwn || !isComplete) {
      seenKey.current = lastKey;
      setUnseen(0);
      if (isOwn) list.scrollToEnd();
      return;
    }
    const from = rows.findIndex(({ key }) => key === seenKey.current);
    setUnseen(rows.slice(from + 1).filter(({ kind }) => kind !== 'day').length);
  }, [rows, lastKey, isAtEnd, isComplete, list]);

  // The composer grows while typing, and the keyboard of a phone takes half of the height.
  const isAtEndNow = useRef(isAtEnd);
  useEffect(() => {
    isAtEndNow.current = isAtEnd;
  }, [isAtEnd]);
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (isAtEndNow.current) list.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);

  const [jumpedTo, setJumpedTo] = useState<string>();
  useEffect(() => {
    if (jumpedTo === undefined) return;
    const timer = setTimeout(() => setJumpedTo(undefined), FLASH_MS);
    return () => clearTimeout(timer);
  }, [jumpedTo]);
  const jumpTo = (id: string) => {
    const index = rows.findIndex(({ key }) => key === id);
    if (index < 0) onShowMessage(id);
    else {
      list.scrollToIndex(index, { align: 'center' });
      setJumpedTo(id);
    }
  };

  const onScroll = () => {
    const element = container.current;
    if (element === null) return;
    const toEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    setAtEnd(toEnd < END_THRESHOLD);
    if (toEnd < END_THRESHOLD) {
      seenKey.current = lastKey;
      setUnseen(0);
    }
    if (element.scrollTop < LOAD_AHEAD) loadOlder?.();
    if (toEnd < LOAD_AHEAD) loadNewer?.();
  };
  // A short page, or one that arrives while the viewer is at the top: no scrolling follows.
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const isShort = element.scrollHeight <= element.clientHeight + LOAD_AHEAD;
    if (isShort || element.scrollTop < LOAD_AHEAD) loadOlder?.();
  }, [loadOlder]);

  return (
    <div className={styles.frame}>
      {isPrinting && (
        <div className={styles.printed}>
          {rows.map((row) => (
            <RowView key={row.key} row={row} jumpTo={jumpTo} {...props} />
          ))}
        </div>
      )}
      {isLoadingOlder && <Loader className={styles.loader} size="xs" aria-label="Loading older messages" />}
      <div
        ref={container}
        className={styles.scroller}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        tabIndex={0}
      >
        <div className={styles.sizer} style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={key}
                ref={list.measureElement}
                data-index={index}
                className={styles.row}
                data-found={row.key === around || row.key === jumpedTo || undefined}
                style={{ transform: `translateY(${start}px)` }}
              >
                <RowView row={row} jumpTo={jumpTo} {...props} />
              </div>
            );
          })}
        </div>
      </div>
      {(!isAtEnd || hasNewer) && (
        <Button
          className={styles.down}
          size="xs"
          radius="xl"
          variant={unseen > 0 ? 'filled' : 'default'}
          leftSection={<IconDown size={16} />}
          onClick={() => (hasNewer ? onShowLatest() : list.scrollToEnd())}
        >
          {unseen > 0 ? `${unseen} new` : 'Latest'}
        </Button>
      )}
    </div>
  );
}

function RowView({
  row,
  jumpTo,
  ...props
}: Pick<Props, 'onRetry' | 'onDiscard'> & { row: Row; jumpTo(id: string): void }) {
  const { conversation, actions } = useOpenConversation();
  if (row.kind === 'day') return <DaySeparator at={row.at} />;
  if (row.kind === 'change')
    return (
      <div className={styles.change} title={formatExact(row.change.at)}>
        {changeText(row.change, conversation.ownNumber)}
      </div>
    );
  if (row.kind === 'pending')
    return (
      <PendingBubble
        pending={row.pending}
        onRetry={() => props.onRetry(row.pending)}
        onDiscard={() => props.onDiscard(row.pending)}
      />
    );
  const { message, isFirst, isLast, showsSender } = row;
  return (
    <MessageBubble
      message={withPending(message, actions.pending)}
      isFirst={isFirst}
      isLast={isLast}
      showsSender={showsSender}
      jumpTo={jumpTo}
    />
  );
}

function DaySeparator({ at }: { at: number }) {
  const now = useNow();
  return (
    <div className={styles.day}>
      <span title={formatExact(at)}>{formatDay(at, now)}</span>
    </div>
  );
}

/** The printed page has all loaded messages, not only the visible ones. The list on the screen stays as it is. */
function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const before = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinting;
}
