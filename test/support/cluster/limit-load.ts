/**
 * Sends more messages than the plan of an account allows. It pauses around the start of each minute, so that the minute of
 * a message is also the minute in which it was counted.
 */
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 250;
const AT_ONCE = 3;
const FROM_SECOND = 5;
const TO_SECOND = 50;
const REQUEST_MAX_MS = 8_000;

export interface LimitLoadOptions {
  url: string;
  key: string;
  from: string;
  isOver: () => boolean;
}

/** Responses by status; 0: no response. */
export type Responses = Map<number, number>;

export class LimitLoad {
  /** By minute since 1970. */
  readonly minutes = new Map<number, Responses>();
  readonly #options: LimitLoadOptions;
  #next = 0;

  constructor(options: LimitLoadOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const sending = new Set<Promise<void>>();
    while (!this.#options.isOver()) {
      const second = (Date.now() / 1_000) % 60;
      for (let count = AT_ONCE; count > 0 && second >= FROM_SECOND && second < TO_SECOND; count -= 1) {
        const one = this.#send().finally(() => sending.delete(one));
        sending.add(one);
      }
      await wait(EVERY_MS);
    }
    await Promise.all(sending);
  }

  async #send(): Promise<void> {
    const { url, key, from } = this.#options;
    this.#next += 1;
    const responses = this.#responses();
    const body = JSON.stringify({ from, to: '+14155557777', content: `${this.#next}` });
    const status = await fetch(`${url}/v1/messages/send`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(REQUEST_MAX_MS),
    }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 0,
    );
    responses.set(status, (responses.get(status) ?? 0) + 1);
  }

  /** Of the current minute. */
  #responses(): Responses {
    const number = Math.floor(Date.now() / 60_000);
    const responses = this.minutes.get(number) ?? new Map<number, number>();
    this.minutes.set(number, responses);
    return responses;
  }
}
