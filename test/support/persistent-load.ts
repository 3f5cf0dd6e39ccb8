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
}

export interface PersistentLoad {
  accepted: AcceptedMessage[];
  /** Responses by status; 0: the connection was lost. */
  statuses: Map<number, number>;
  /** Responses of 503 without Retry-After. */
  withoutRetryAfter: number;
  /** Settles when the messages in progress are accepted. */
  stop(): Promise<void>;
}

const RETRY_MS = 100;
const REQUEST_MAX_MS = 15_000;

export function startPersistentLoad(options: PersistentLoadOptions): PersistentLoad {
  const { url, key, routes, perSecond, name } = options;
  let isStopped = false;
  const load: PersistentLoad = { accepted: [], statuses: new Map(), withoutRetryAfter: 0, stop };

  const sendOnce = async ({ from, to }: Route, index: number): Promise<string | undefined> => {
    const count = (status: number) => load.statuses.set(status, (load.statuses.get(status) ?? 0) + 1);
    try {
      const response = await fetch(`${url}/v1/messages/send`, {
        method: 'POST',
        headers: {
          'x-api-key': key,
          'content-type': 'application/json',
          'idempotency-key': `${name} ${from} ${to} ${index}`,
        },
        body: JSON.stringify({ from, to, content: `${index}` }),
        signal: AbortSignal.timeout(REQUEST_MAX_MS),
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
      return body.id;
    } catch (error) {
      if (error instanceof UnexpectedAnswer) throw error;
      count(0);
      return undefined;
    }
  };

  const run = async (route: Route): Promise<void> => {
    const everyMs = (1_000 * routes.length) / perSecond;
    let due = performance.now();
    for (let index = 0; !isStopped; index += 1) {
      await wait(Math.max(0, due - performance.now()));
      due += everyMs;
      let id = await sendOnce(route, index);
      while (id === undefined) {
        await wait(RETRY_MS);
        id = await sendOnce(route, index);
      }
      load.accepted.push({ ...route, id, index });
    }
  };
  const running = Promise.all(routes.map(run));
  running.catch(() => {});

  async function stop(): Promise<void> {
    isStopped = true;
    await running;
  }
  return load;
}

class UnexpectedAnswer extends Error {}
