/**
 * Sends messages at a steady rate as a careful client does: each with an idempotency key, one after the other for each
 * recipient, again after 503 and after a lost connection until it is accepted.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AcceptedMessage, Route } from './ordered-load.ts';

export interface PersistentLoadOptions {
  url: string;
  key: string;
  routes: readonly Route[];
  /** Messages per second, over all routes. */
  perSecond: number;
  /** Name of the run, for the idempotency keys. */
  name: string;
  /** Default: until `stop`. */
  messagesPerRoute?: number;
  /** Time after which a request without a response is repeated, in milliseconds. */
  requestMaxMs?: number;
  /** Time before a request is repeated, in milliseconds. */
  retryMs?: number;
  /** Share of the messages that are sent twice, half of them at the same moment. */
  repeatShare?: number;
  random?: () => number;
  /** `broker`: the header `x-served-by` of the response. */
  onAccepted?: (message: AcceptedMessage, broker: string | null) => void;
}

export interface PersistentLoad {
  accepted: AcceptedMessage[];
  /** Responses by status; 0: the connection was lost. */
  statuses: Map<number, number>;
  /** Responses of 503 without Retry-After. */
  withoutRetryAfter: number;
  /** Repeated requests with an idempotency key whose response was 2xx. */
  repeats: number;
  /** Settles when every route has sent `messagesPerRoute`. */
  done: Promise<void>;
  /** Settles when the messages in progress are accepted. */
  stop(): Promise<void>;
}

const RETRY_MS = 100;
const REQUEST_MAX_MS = 15_000;

export function startPersistentLoad(options: PersistentLoadOptions): PersistentLoad {
  const { url, key, routes, perSecond, name, requestMaxMs = REQUEST_MAX_MS, retryMs = RETRY_MS } = options;
  const { messagesPerRoute = Number.POSITIVE_INFINITY, repeatShare = 0, random = Math.random } = options;
  let isStopped = false;
  const accepted: AcceptedMessage[] = [];
  const statuses = new Map<number, number>();

  const sendOnce = async ({ from, to }: Route, index: number): Promise<Sent | undefined> => {
    const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
    try {
      const response = await fetch(`${url}/v1/messages/send`, {
        method: 'POST',
        headers: {
          'x-api-key': key,
          'content-type': 'application/json',
          'idempotency-key': `${name} ${from} ${to} ${index}`,
        },
        body: JSON.stringify({ from, to, content: `${index}` }),
        signal: AbortSignal.timeout(requestMaxMs),
      });
      const body = (await response.json()) as { id: string };
      count(response.status);
      if (response.status === 503) {
        if (!response.headers.has('retry-after')) load.withoutRetryAfter += 1;
        return undefined;
      }
      // A repeated key returns the first message with 200.
      if (response.status !== 202 && response.status !== 200) {
        throw new UnexpectedAnswer(`send returned ${response.status}: ${JSON.stringify(body)}`);
      }
      return { id: body.id, broker: response.headers.get('x-served-by') };
    } catch (error) {
      if (error instanceof UnexpectedAnswer) throw error;
      count(0);
      return undefined;
    }
  };

  /** Sends the message again with the same key. @throws UnexpectedAnswer if another message is the response */
  const repeat = async (route: Route, index: number, first: Promise<Sent | undefined>): Promise<void> => {
    const [one, other] = await Promise.all([first, sendOnce(route, index)]);
    if (one === undefined || other === undefined) return;
    load.repeats += 1;
    if (one.id !== other.id)
      throw new UnexpectedAnswer(`A repeated key returned ${other.id} instead of ${one.id}.`);
  };

  const sendUntilAccepted = async (route: Route, index: number): Promise<Sent> => {
    for (;;) {
      const sending = sendOnce(route, index);
      const isRepeated = random() < repeatShare;
      const isAtOnce = random() < 0.5;
      if (isRepeated && isAtOnce) await repeat(route, index, sending);
      const sent = await sending;
      if (sent !== undefined && isRepeated && !isAtOnce) await repeat(route, index, sending);
      if (sent !== undefined) return sent;
      await wait(retryMs);
    }
  };

  const run = async (route: Route): Promise<void> => {
    const everyMs = (1_000 * routes.length) / perSecond;
    let due = performance.now();
    for (let index = 0; !isStopped && index < messagesPerRoute; index += 1) {
      await wait(Math.max(0, due - performance.now()));
      due += everyMs;
      const { id, broker } = await sendUntilAccepted(route, index);
      const message = { ...route, id, index };
      accepted.push(message);
      options.onAccepted?.(message, broker);
    }
  };
  const done = Promise.all(routes.map(run)).then(() => {});
  done.catch(() => {});
  const load: PersistentLoad = { accepted, statuses, withoutRetryAfter: 0, repeats: 0, done, stop };

  async function stop(): Promise<void> {
    isStopped = true;
    await done;
  }
  return load;
}

interface Sent {
  id: string;
  broker: string | null;
}

class UnexpectedAnswer extends Error {}
