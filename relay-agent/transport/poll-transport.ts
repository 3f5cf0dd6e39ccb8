/**
 * Connects a device to the broker by long-poll.
 *
 * - One poll is always pending. A second poll carries new frames, and makes the broker respond to the first.
 * - Responses are numbered (`answer`) and read in order. Each poll confirms the last one read (`received`), so
 *   that the broker repeats a lost response. Each frame is emitted once.
 * - Frames of a failed poll are sent again ahead of newer ones.
 * - A failed poll is retried in the same session for a minute; after that, the broker has ended the session.
 */
import { type DeviceFrame, pollResponse, SILENCE_SECONDS } from '../../shared/protocol.ts';
import { backoffMs } from './backoff.ts';
import {
  type After,
  type CloseReason,
  type Connect,
  readFrame,
  reasonOfBye,
  type Transport,
  type TransportEvent,
} from './transport.ts';

/** Proxies often end an idle request after 30 s. */
const WAIT_SECONDS = 25;
/** Maximum delay of the response after the wait. A later response is a failure. */
const LATE_MS = 10_000;
const FRAMES_MAX = 500;
/** Half of the broker's limit for one poll. */
const BODY_MAX_BYTES = 512 * 1024;

export interface PollTransportOptions {
  /** Base URL of the broker, http or https, with an optional path prefix. */
  url: string;
  token: string;
  after: After;
  random: () => number;
  now: () => number;
  waitSeconds?: number;
  lateMs?: number;
  fetch?: typeof fetch;
}

interface Poll {
  frames: DeviceFrame[];
  /** The response number that this poll confirmed. */
  received: number;
  /** Aborts the poll if there is no response within this time from now. */
  setTimeout(ms: number): void;
  abort(): void;
}

interface PollResponse {
  answer: number;
  frames: unknown[];
}

export function pollTransport(options: PollTransportOptions): Connect {
  return (on) => new PollTransport(options, on);
}

class PollTransport implements Transport {
  readonly #options: PollTransportOptions;
  readonly #address: string;
  readonly #on: (event: TransportEvent) => void;
  #session: string | undefined;
  /** The number of the last response that was read, and its frames. */
  #received = 0;
  #lastFrames: unknown[] = [];
  /** Responses that arrived before an earlier one, with the number that their poll confirmed. */
  readonly #early = new Map<number, { response: PollResponse; confirmed: number }>();
  #unsent: DeviceFrame[] = [];
  #polls: Poll[] = [];
  #isClosed = false;
  #failures = 0;
  #lastResponseAt: number;
  #cancelRetry: (() => void) | undefined;

  constructor(options: PollTransportOptions, on: (event: TransportEvent) => void) {
    this.#options = options;
    this.#address = `${options.url.replace(/\/+$/, '')}/relay/v1/poll`;
    this.#on = on;
    this.#lastResponseAt = options.now();
    queueMicrotask(() => {
      if (!this.#isClosed) on({ type: 'open' });
    });
  }

  send(frame: DeviceFrame): void {
    if (this.#isClosed) return;
    this.#unsent.push(frame);
    // Frames that are sent in the same task share a poll.
    if (this.#unsent.length === 1) queueMicrotask(() => this.#startPoll());
  }

  close(): void {
    this.#finish({ kind: 'stopped' });
  }

  #startPoll(): void {
    if (this.#isClosed || this.#cancelRetry !== undefined) return;
    const isGreeted = this.#session !== undefined;
    if (!isGreeted && (this.#unsent.length === 0 || this.#polls.length > 0)) return;
    if (this.#polls.length >= (this.#unsent.length > 0 ? 2 : 1)) return;
    // The broker responds to the older poll as soon as the newer one arrives.
    this.#polls[0]?.setTimeout(this.#lateMs);
    void this.#poll(this.#takeUnsent(isGreeted ? FRAMES_MAX : 1));
  }

  #takeUnsent(limit: number): DeviceFrame[] {
    let count = 0;
    let bytes = 0;
    for (const frame of this.#unsent.slice(0, limit)) {
      bytes += Buffer.byteLength(JSON.stringify(frame));
      if (bytes > BODY_MAX_BYTES && count > 0) break;
      count += 1;
    }
    return this.#unsent.splice(0, count);
  }

  async #poll(frames: DeviceFrame[]): Promise<void> {
    const { token, after, waitSeconds = WAIT_SECONDS, fetch = globalThis.fetch } = this.#options;
    const controller = new AbortController();
    let cancel = () => {};
    const poll: Poll = {
      frames,
      received: this.#received,
      setTimeout: (ms) => {
        cancel();
        cancel = after(ms, () => controller.abort(new Error('the broker did not respond in time')));
      },
      abort: () => controller.abort(),
    };
    poll.setTimeout(waitSeconds * 1000 + this.#lateMs);
    this.#polls.push(poll);
    let outcome: { status: number; body: unknown } | { problem: string };
    try {
      const response = await fetch(this.#address, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          session: this.#session ?? null,
          wait: waitSeconds,
          received: poll.received,
          frames,
        }),
        redirect: 'error',
        signal: controller.signal,
      });
      outcome = { status: response.status, body: await response.json().catch(rethrowAborts) };
    } catch (error) {
      outcome = { problem: problemOf(error) };
    }
    cancel();
    this.#polls = this.#polls.filter((other) => other !== poll);
    if (this.#isClosed) return;
    if ('problem' in outcome) this.#retry(poll, outcome.problem);
    else this.#handleResponse(poll, outcome.status, outcome.body);
  }

  #handleResponse(poll: Poll, status: number, body: unknown): void {
    switch (status) {
      case 401:
        this.#finish({ kind: 'revoked' });
        return;
      case 409:
        this.#finish({ kind: 'replaced' });
        return;
      case 410:
        this.#finish({ kind: 'expired' });
        return;
    }
    const parsed = pollResponse.safeParse(body);
    if (status !== 200 || !parsed.success) {
      this.#retry(
        poll,
        status === 200
          ? 'the broker returned status 200 with an invalid body'
          : `the broker returned status ${status}`,
      );
      return;
    }
    this.#session = parsed.data.session;
    this.#failures = 0;
    this.#lastResponseAt = this.#options.now();
    if (parsed.data.answer > this.#received) {
      this.#early.set(parsed.data.answer, { response: parsed.data, confirmed: poll.received });
    }
    this.#readInOrder();
    this.#startPoll();
  }

  /** Reads the next responses. Skips a missing number only when no pending poll can still return it. */
  #readInOrder(): void {
    while (!this.#isClosed) {
      const next = Math.min(...this.#early.keys());
      const found = this.#early.get(next);
      if (found === undefined || (next > this.#received + 1 && this.#polls.length > 0)) return;
      const { response, confirmed } = found;
      this.#early.delete(next);
      const frames =
        confirmed < next - 1 ? withoutRepeat(response.frames, this.#lastFrames) : response.frames;
      this.#received = next;
      this.#lastFrames = response.frames;
      for (const raw of frames) {
        const event = readFrame(raw);
        this.#on(event);
        if (event.type === 'frame' && event.frame.type === 'bye') this.#finish(reasonOfBye(event.frame));
        if (this.#isClosed) return;
      }
    }
  }

  #retry(poll: Poll, problem: string): void {
    const { random, after, now } = this.#options;
    if (this.#session === undefined || now() - this.#lastResponseAt > SILENCE_SECONDS * 1000) {
      this.#finish({ kind: 'lost', problem });
      return;
    }
    this.#unsent.unshift(...poll.frames);
    this.#readInOrder();
    if (this.#isClosed || this.#cancelRetry !== undefined) return;
    const retryInMs = backoffMs(this.#failures, random);
    this.#failures += 1;
    this.#cancelRetry = after(retryInMs, () => {
      this.#cancelRetry = undefined;
      this.#startPoll();
    });
    this.#on({ type: 'trouble', problem, retryInMs });
  }

  #finish(reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelRetry?.();
    for (const poll of this.#polls) poll.abort();
    this.#on({ type: 'closed', reason });
  }

  get #lateMs(): number {
    return this.#options.lateMs ?? LATE_MS;
  }
}

/** The broker repeats the previous response at the start of the next one until its receipt is confirmed. */
function withoutRepeat(frames: unknown[], before: readonly unknown[]): unknown[] {
  const isRepeat = before.every((frame, index) => JSON.stringify(frame) === JSON.stringify(frames[index]));
  return isRepeat ? frames.slice(before.length) : frames;
}

function rethrowAborts(error: unknown): undefined {
  if (error instanceof SyntaxError) return undefined;
  throw error;
}

/** The message of fetch is only `fetch failed`; the reason is in its cause. */
function problemOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.message || cause?.code || message;
}
