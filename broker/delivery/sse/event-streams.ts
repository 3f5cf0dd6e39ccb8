/**
 * Streams events to connected clients.
 *
 * - A stream reads the events that were committed after its last one, so a client that reconnects misses none.
 * - Ephemeral events go only to open streams.
 * - A slow stream delays no other: it reads the next events after it has written the previous ones. Its buffer is limited
 *   in bytes, so a client that never reads needs little memory until the server ends its connection.
 * - Events are recorded only for accounts that use them. A stream requests this for three days, so that the next stream
 *   finds the events in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { tenantOf } from '../../core/model/api-key.ts';
import { rateLimited } from '../../core/model/errors.ts';
import { concernsNumber, type HomingEvent, isTestEvent } from '../../core/model/event.ts';
import type { EventStream, StreamItem, StreamRequest } from '../../core/model/event-stream.ts';
import type { Store } from '../../core/ports/store.ts';
import { extendRecording } from '../../core/webhooks/event-recording.ts';

const PING_MS = 15_000;
/** Of one account and kind at one broker. */
const STREAMS_MAX = 20;
/** Maximum ephemeral events that wait for one stream. The oldest ones are dropped. */
const EPHEMERAL_MAX = 50;
const BATCH = { maxEvents: 100, maxBytes: 192 * 1024 };

interface Subscriber {
  tenantId: number;
  /** The streams of pages do not count towards the limit of those of API keys. */
  kind: StreamRequest['reader']['kind'];
  hasNewEvents: boolean;
  ephemeral: HomingEvent[];
  isClosed: boolean;
  pingDueAt: number;
  /** Ends the wait for new events. */
  wake(): void;
}

export interface EventStreamsOptions {
  store: Store;
  now: () => number;
  /** For pings. */
  monotonicNow: () => number;
  /** Called when a stream opens that follows new events. */
  onOpen?: (tenantId: number) => void;
}

export class EventStreams {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #monotonicNow: () => number;
  readonly #onOpen: (tenantId: number) => void;
  readonly #subscribers = new Set<Subscriber>();

  constructor({ store, now, monotonicNow, onOpen = () => {} }: EventStreamsOptions) {
    this.#store = store;
    this.#now = now;
    this.#monotonicNow = monotonicNow;
    this.#onOpen = onOpen;
  }

  /** @throws HomingError rate_limited if the account has too many open streams. */
  async open(request: StreamRequest): Promise<EventStream> {
    const { id: tenantId } = tenantOf(request.reader);
    const { kind } = request.reader;
    const own = [...this.#subscribers].filter((one) => one.tenantId === tenantId && one.kind === kind);
    if (own.length >= STREAMS_MAX) {
      throw rateLimited(`The account already has ${STREAMS_MAX} open streams. Close one of them.`, 15);
    }
    const subscriber: Subscriber = {
      ...{ tenantId, kind },
      hasNewEvents: true,
      ephemeral: [],
      isClosed: false,
      pingDueAt: this.#monotonicNow() + PING_MS,
      wake: () => {},
    };
    // Before the first await: streams that are opened at the same time count too.
    this.#subscribers.add(subscriber);
    if (!request.isShort) this.#onOpen(tenantId);
    try {
      await extendRecording(this.#store, tenantId, this.#now());
    } catch (error) {
      this.#close(subscriber);
      throw error;
    }
    return {
      items: this.#items(subscriber, request),
      close: () => this.#close(subscriber),
    };
  }

  /** Returns the tenants with open streams. */
  tenantIds(): number[] {
    return [...this.#subscribers].map(({ tenantId }) => tenantId);
  }

  /** Call after a commit, also of another broker. `tenantId` is undefined if the tenant is unknown. */
  notify(tenantId?: number): void {
    for (const subscriber of this.#subscribers) {
      if (tenantId !== undefined && subscriber.tenantId !== tenantId) continue;
      subscriber.hasNewEvents = true;
      subscriber.wake();
    }
  }

  /** Sends an ephemeral event to the open streams of its tenant. */
  send(event: HomingEvent): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.tenantId !== event.tenantId) continue;
      subscriber.ephemeral.push(event);
      if (subscriber.ephemeral.length > EPHEMERAL_MAX) subscriber.ephemeral.shift();
      subscriber.wake();
    }
  }

  /** Sends a ping on streams without recent events. Call several times a second. */
  keepAlive(): void {
    const now = this.#monotonicNow();
    for (const subscriber of this.#subscribers) if (subscriber.pingDueAt <= now) subscriber.wake();
  }

  /** For a graceful stop. Clients reconnect and resume after their last event. */
  closeAll(): void {
    for (const subscriber of this.#subscribers) this.#close(subscriber);
  }

  get count(): number {
    return this.#subscribers.size;
  }

  #close(subscriber: Subscriber): void {
    subscriber.isClosed = true;
    this.#subscribers.delete(subscriber);
    subscriber.wake();
  }

  async *#items(subscriber: Subscriber, request: StreamRequest): AsyncGenerator<StreamItem> {
    const { read } = this.#store;
    const { isShort } = request;
    let { after } = request;
    try {
      while (!subscriber.isClosed) {
        if (!(await this.#isLive(request.reader))) return;
        subscriber.hasNewEvents = false;
        const events = await read.events.after(subscriber.tenantId, after, BATCH);
        for (const event of events) {
          after = event.id;
          if (isFor(event, request)) yield { kind: 'event', event };
        }
        if (events.length > 0) {
          // Other requests are served between the batches of a long backlog.
          await nextTurn();
          continue;
        }
        if (isShort) return;
        for (const event of subscriber.ephemeral.splice(0)) {
          if (isFor(event, request)) yield { kind: 'event', event };
        }
        const now = this.#monotonicNow();
        if (subscriber.pingDueAt <= now) {
          subscriber.pingDueAt = now + PING_MS;
          await extendRecording(this.#store, subscriber.tenantId, this.#now());
          yield { kind: 'ping' };
        }
        const isIdle = !subscriber.hasNewEvents && subscriber.ephemeral.length === 0;
        if (isIdle && !subscriber.isClosed) {
          await new Promise<void>((resolve) => {
            subscriber.wake = resolve;
          });
          subscriber.wake = () => {};
        }
      }
    } finally {
      this.#close(subscriber);
    }
  }

  async #isLive(reader: StreamRequest['reader']): Promise<boolean> {
    const { read } = this.#store;
    if (reader.kind === 'credential') return read.credentials.isLive(reader.credential.id);
    return (await read.memberSessions.liveMember(reader.sessionId, this.#now())) !== undefined;
  }
}

function isFor(event: HomingEvent, { types, numberId }: Pick<StreamRequest, 'types' | 'numberId'>): boolean {
  return types.has(event.type) && !isTestEvent(event) && concernsNumber(event.subject, numberId);
}
