/**
 * Simulates an iPhone whose shortcut runs without a pause: `GET /next`, "send", `POST /report`. Each run requests some
 * messages. A report is repeated until the broker has it.
 */
import { setTimeout as wait } from 'node:timers/promises';

const MESSAGES_PER_RUN = 10;
const WAIT_SECONDS = 2;
const RETRY_MS = 200;
const REQUEST_MAX_MS = 8_000;

export interface PhoneOptions {
  url: string;
  token: string;
}

export class Phone {
  /** Every message that the phone "sent", in order. */
  readonly sent: Array<{ message: string; to: string }> = [];
  readonly #options: PhoneOptions;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(options: PhoneOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#repeatRuns();
  }

  /** Settles after the last report. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #repeatRuns(): Promise<void> {
    for (let run = 1; !this.#isStopped; run += 1) {
      for (let count = 0; count < MESSAGES_PER_RUN && !this.#isStopped; count += 1) {
        const next = await this.#request(`/next?wait=${WAIT_SECONDS}&run=${run}`);
        if (next === undefined) await wait(RETRY_MS);
        if (next?.stop === true) break;
        if (next?.has_message !== true) continue;
        this.sent.push({ message: next.id, to: next.to });
        const body = JSON.stringify({ id: next.id, status: 'sent' });
        while ((await this.#request('/report', body))?.ok !== true) await wait(RETRY_MS);
      }
    }
  }

  /** Returns undefined if there was no response, or 503. */
  // biome-ignore lint/suspicious/noExplicitAny: responses are untyped here
  async #request(path: string, body?: string): Promise<any> {
    try {
      const response = await fetch(`${this.#options.url}/shortcuts/v1${path}`, {
        headers: {
          authorization: `Bearer ${this.#options.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body }),
        signal: AbortSignal.timeout(REQUEST_MAX_MS),
      });
      const json = await response.json();
      return response.status === 503 ? undefined : json;
    } catch {
      return undefined;
    }
  }
}
