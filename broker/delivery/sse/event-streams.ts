/**
 * Events as they happen, for whoever holds a connection open. A stream reads what was committed after its last event,
 * so one that was away gets what it missed, and one that is slow holds up nobody: it reads on when it has written.
 *
 * Events are written down where somebody wants them. Having a stream says so for three days, so that the next one finds
 * what happened between.
 */
import { rateLimited } from '../../core/model/errors.ts';
import { concernsNumber, type HomingEvent } from '../../core/model/event.ts';
import type { EventStream, StreamItem, StreamRequest } from '../../core/model/event-stream.ts';
import type { Store } from '../../core/ports/store.ts';

const WANTED_MS = 3 * 24 * 3_600_000;
/** It is written down again when so much of that is over. */
const RENEW_MS = 3_600_000;
const PING_MS = 15_000;
const STREAMS_MAX = 20;
const BATCH = 100;

interface Subscriber {
  tenantId: number;
  hasNews: boolean;
  isClosed: boolean;
  pingDueAt: number;
  /** Ends the wait for news. */
  stir(): void;
}

export class EventStreams {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #subscribers = new Set<Subscriber>();

  constructor({ store, now }: { store: Store; now: () => number }) {
    this.#store = store;
    this.#now = now;
  }

  /** @throws HomingError where the account has as many as it may. */
  async open(request: StreamRequest): Promise<EventStream> {
    const tenantId = request.credential.tenant.id;
    const own = [...this.#subscribers].filter((one) => one.tenantId === tenantId);
    if (own.length >= STREAMS_MAX) {
      throw rateLimited(`The account has ${STREAMS_MAX} streams open already. Close one of them.`, 15);
    }
    await this.#keepWanted(tenantId);
    const subscriber: Subscriber = {
      tenantId,
      hasNews: true,
      isClosed: false,
      pingDueAt: this.#now() + PING_MS,
      stir: () => {},
    };
    this.#subscribers.add(subscriber);
    return {
      items: this.#items(subscriber, request),
      close: () => this.#close(subscriber),
    };
  }

  /** Something was committed. Left out: nobody knows whose. */
  notify(tenantId?: number): void {
    for (const subscriber of this.#subscribers) {
      if (tenantId !== undefined && subscriber.tenantId !== tenantId) continue;
      subscriber.hasNews = true;
      subscriber.stir();
    }
  }

  /** One look for all of them: who has heard nothing for long is sent a sign of life. */
  keepAlive(): void {
    const now = this.#now();
    for (const subscriber of this.#subscribers) if (subscriber.pingDueAt <= now) subscriber.stir();
  }

  /** For a graceful stop; clients come back and go on where they were. */
  closeAll(): void {
    for (const subscriber of this.#subscribers) this.#close(subscriber);
  }

  get count(): number {
    return this.#subscribers.size;
  }

  #close(subscriber: Subscriber): void {
    subscriber.isClosed = true;
    this.#subscribers.delete(subscriber);
    subscriber.stir();
  }

  async *#items(subscriber: Subscriber, request: StreamRequest): AsyncGenerator<StreamItem> {
    const { read } = this.#store;
    const { credential, isShort } = request;
    let { after } = request;
    try {
      while (!subscriber.isClosed) {
        // A key that was revoked hears nothing more.
        if (!(await read.credentials.isLive(credential.id))) return;
        subscriber.hasNews = false;
        const events = await read.events.after(subscriber.tenantId, after, BATCH);
        for (const event of events) {
          after = event.id;
          if (isFor(event, request)) yield { kind: 'event', event };
        }
        if (events.length === BATCH) continue;
        if (isShort) return;
        const now = this.#now();
        if (subscriber.pingDueAt <= now) {
          subscriber.pingDueAt = now + PING_MS;
          await this.#keepWanted(subscriber.tenantId);
          yield { kind: 'ping' };
        }
        if (!subscriber.hasNews && !subscriber.isClosed) {
          await new Promise<void>((resolve) => {
            subscriber.stir = resolve;
          });
          subscriber.stir = () => {};
        }
      }
    } finally {
      this.#close(subscriber);
    }
  }

  async #keepWanted(tenantId: number): Promise<void> {
    const until = await this.#store.read.streams.recordedUntil(tenantId);
    const now = this.#now();
    if (until - now > WANTED_MS - RENEW_MS) return;
    await this.#store.transaction((tx) => tx.streams.recordUntil(tenantId, now + WANTED_MS));
  }
}

function isFor(
  { type, subject, messageId }: HomingEvent,
  { types, numberId }: Pick<StreamRequest, 'types' | 'numberId'>,
): boolean {
  // What was made up to try a webhook is not an event of the account.
  const isMadeUp = 'message' in subject && messageId === null;
  return types.has(type) && !isMadeUp && concernsNumber(subject, numberId);
}
