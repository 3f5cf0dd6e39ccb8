/**
 * Streams the changes of messages and lists to open dashboards. A frame names the changed messages and lists; the page loads them again.
 *
 * - A stream sends at most 4 frames a second, each with at most 100 messages and groups. With more changes, the frame says that
 *   anything may have changed.
 * - A stream ends when the session of its member has ended.
 * - Without an open stream, nothing is gathered.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { conversationId } from '../../core/model/conversation.ts';
import { rateLimited } from '../../core/model/errors.ts';
import type { LiveStream, LiveStreamItem, LiveStreamRequest, Typing } from '../../core/model/live-stream.ts';
import type { MessageChange } from '../../core/model/message-change.ts';
import type { Store } from '../../core/ports/store.ts';

const FRAME_INTERVAL_MS = 250;
const PING_MS = 15_000;
const MESSAGES_MAX = 100;
/** Further participants who type are dropped from the frame. */
const TYPING_MAX = 100;
const STREAMS_MAX_PER_MEMBER = 10;

interface Subscriber {
  memberId: string;
  tenantId: number;
  /** Conversation ids by message id. */
  messages: Map<string, string>;
  /** Conversation ids. */
  groups: Set<string>;
  /** The latest state by conversation and handle. */
  typing: Map<string, Typing>;
  topics: Set<string>;
  isAll: boolean;
  isClosed: boolean;
  /** Ends the wait of the stream. */
  wake(): void;
  unsubscribe(): void;
}

export interface LiveStreamsOptions {
  store: Store;
  now: () => number;
  monotonicNow: () => number;
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Subscribes to the changed lists of an account. `tenantId`: null for the whole account. */
  subscribe(
    accountId: string,
    listener: (topics: readonly string[], tenantId: number | null) => void,
  ): () => void;
  /** Called when a stream opens. */
  onOpen?: (tenantId: number) => void;
}

export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #subscribers = new Set<Subscriber>();

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
  }

  /** @throws HomingError rate_limited if the member has too many open streams. */
  open(request: LiveStreamRequest): LiveStream {
    const { store, subscribe, onOpen } = this.#options;
    const { memberId, tenant } = request;
    const own = [...this.#subscribers].filter((one) => one.memberId === memberId);
    if (own.length >= STREAMS_MAX_PER_MEMBER) {
      throw rateLimited(`You already have ${STREAMS_MAX_PER_MEMBER} open pages. Close one of them.`, 15);
    }
    const subscriber: Subscriber = {
      ...{ memberId, tenantId: tenant.id, messages: new Map(), groups: new Set(), typing: new Map() },
      topics: new Set(),
      ...{ isAll: false, isClosed: false },
      wake: () => {},
      unsubscribe: () => {},
    };
    const unwatch = store.watchMessages(tenant.id, (change) => addMessage(subscriber, change));
    const unsubscribe = subscribe(tenant.accountId, (topics, tenantId) => {
      if (tenantId !== null && tenantId !== tenant.id) return;
      for (const topic of topics) subscriber.topics.add(topic);
      subscriber.wake();
    });
    subscriber.unsubscribe = () => {
      unwatch();
      unsubscribe();
    };
    this.#subscribers.add(subscriber);
    onOpen?.(tenant.id);
    return { items: this.#items(subscriber, request), close: () => this.#close(subscriber) };
  }

  /** Shows at once who types. Not repeated to streams that open later. */
  showTyping(tenantId: number, typing: Typing): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.tenantId !== tenantId || subscriber.typing.size >= TYPING_MAX) continue;
      subscriber.typing.set(`${typing.conversationId} ${typing.handle}`, typing);
      subscriber.wake();
    }
  }

  /** Returns the tenants with open streams. */
  tenantIds(): number[] {
    return [...this.#subscribers].map(({ tenantId }) => tenantId);
  }

  /** Shows a change of another broker. */
  showChange(change: MessageChange): void {
    for (const subscriber of this.#subscribers)
      if (subscriber.tenantId === change.tenantId) addMessage(subscriber, change);
  }

  /** Call after commits of another broker that changed many messages of the tenant. */
  notifyOf(tenantId: number): void {
    for (const subscriber of this.#subscribers) if (subscriber.tenantId === tenantId) setAll(subscriber);
  }

  /** Call after a commit of another process. */
  notifyAll(): void {
    for (const subscriber of this.#subscribers) setAll(subscriber);
  }

  /** For a graceful stop. The pages connect again. */
  closeAll(): void {
    for (const subscriber of this.#subscribers) this.#close(subscriber);
  }

  get count(): number {
    return this.#subscribers.size;
  }

  #close(subscriber: Subscriber): void {
    subscriber.isClosed = true;
    subscriber.unsubscribe();
    this.#subscribers.delete(subscriber);
    subscriber.wake();
  }

  async *#items(subscriber: Subscriber, { sessionId }: LiveStreamRequest): AsyncGenerator<LiveStreamItem> {
    const { store, now, monotonicNow } = this.#options;
    let sentAt = monotonicNow();
    try {
      while (!subscriber.isClosed) {
        if ((await store.read.memberSessions.liveMember(sessionId, now())) === undefined) return;
        if (!isPending(subscriber)) {
          const isPingDue = monotonicNow() - sentAt >= PING_MS;
          if (isPingDue) {
            sentAt = monotonicNow();
            yield { kind: 'ping' };
          } else {
            await this.#wait(subscriber, sentAt + PING_MS - monotonicNow(), isPending);
          }
          continue;
        }
        // The changes of one turn are one frame.
        await nextTurn();
        sentAt = monotonicNow();
        yield take(subscriber);
        await this.#wait(subscriber, FRAME_INTERVAL_MS, () => false);
      }
    } finally {
      this.#close(subscriber);
    }
  }

  /** Waits for the delay, until the condition is true or the stream is closed. */
  async #wait(
    subscriber: Subscriber,
    ms: number,
    isDone: (subscriber: Subscriber) => boolean,
  ): Promise<void> {
    let isOver = false;
    const cancel = this.#options.after(Math.max(0, ms), () => {
      isOver = true;
      subscriber.wake();
    });
    while (!isOver && !subscriber.isClosed && !isDone(subscriber)) {
      await new Promise<void>((resolve) => {
        subscriber.wake = resolve;
      });
    }
    subscriber.wake = () => {};
    cancel();
  }
}

function isPending({ messages, groups, typing, topics, isAll }: Subscriber): boolean {
  return isAll || messages.size > 0 || groups.size > 0 || typing.size > 0 || topics.size > 0;
}

function addMessage(subscriber: Subscriber, change: MessageChange): void {
  if (subscriber.isAll) return;
  if (change.id === null) subscriber.groups.add(conversationId(change));
  else subscriber.messages.set(change.id, conversationId(change));
  if (subscriber.messages.size + subscriber.groups.size > MESSAGES_MAX) setAll(subscriber);
  else subscriber.wake();
}

function setAll(subscriber: Subscriber): void {
  subscriber.isAll = true;
  subscriber.messages.clear();
  subscriber.groups.clear();
  subscriber.wake();
}

function take(subscriber: Subscriber): LiveStreamItem {
  const { messages, groups, typing, topics, isAll } = subscriber;
  const item: LiveStreamItem = isAll
    ? { kind: 'all' }
    : {
        kind: 'changes',
        messages: [...messages].map(([id, conversation]) => ({ id, conversationId: conversation })),
        groups: [...groups],
        typing: [...typing.values()],
        topics: [...topics],
      };
  subscriber.isAll = false;
  messages.clear();
  groups.clear();
  typing.clear();
  topics.clear();
  return item;
}
