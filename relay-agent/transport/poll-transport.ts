/**
 * The long-poll carrier of the device. One poll is always with the broker; one with new frames goes out
 * beside it, which makes the broker answer the older. Answers are numbered: they are read in order, each frame
 * once, and every poll says which answer was `received`, so the broker repeats one that got lost. Frames of a
 * poll that failed are sent again in front of newer ones.
 *
 * A failure is tried again in the same session, so that nothing of it is lost, until the broker must have
 * given the session up (a minute).
 */
import { type DeviceFrame, pollAnswer, SILENCE_SECONDS } from '../../shared/protocol.ts';
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

/** Below the half minute after which proxies like to end a quiet request. */
const WAIT_SECONDS = 25;
/** An answer that is this late after its wait will not come any more. */
const LATE_MS = 10_000;
const FRAMES_MAX = 500;
/** Half of what the broker reads in one poll. */
const BODY_MAX_BYTES = 512 * 1024;

export interface PollTransportOptions {
  /** The broker's, http or https, also with a path in front. */
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
  /** The answer it said was the last. */
  received: number;
  /** Gives it up when there is no answer within this time from now. */
  limit(ms: number): void;
  abort(): void;
}

interface Reply {
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
  /** The last answer that was read, and its frames. */
  #received = 0;
  #lastFrames: unknown[] = [];
  /** Answers that overtook an earlier one, with what their poll had said. */
  readonly #early = new Map<number, { reply: Reply; said: number }>();
  #unsent: DeviceFrame[] = [];
  #polls: Poll[] = [];
  #isClosed = false;
  #failures = 0;
  #lastHeard: number;
  #cancelRetry: (() => void) | undefined;

  constructor(options: PollTransportOptions, on: (event: TransportEvent) => void) {
    this.#options = options;
    this.#address = `${options.url.replace(/\/+$/, '')}/relay/v1/poll`;
    this.#on = on;
    this.#lastHeard = options.now();
    queueMicrotask(() => {
      if (!this.#isClosed) on({ type: 'open' });
    });
  }

  send(frame: DeviceFrame): void {
    if (this.#isClosed) return;
    this.#unsent.push(frame);
    // Frames of one turn go out in one poll.
    if (this.#unsent.length === 1) queueMicrotask(() => this.#go());
  }

  close(): void {
    this.#finish({ kind: 'stopped' });
  }

  #go(): void {
    if (this.#isClosed || this.#cancelRetry !== undefined) return;
    const isGreeted = this.#session !== undefined;
    if (!isGreeted && (this.#unsent.length === 0 || this.#polls.length > 0)) return;
    if (this.#polls.length >= (this.#unsent.length > 0 ? 2 : 1)) return;
    // The broker answers the older one as soon as the newer one is there.
    this.#polls[0]?.limit(this.#lateMs);
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
      limit: (ms) => {
        cancel();
        cancel = after(ms, () => controller.abort(new Error('the broker did not answer in time')));
      },
      abort: () => controller.abort(),
    };
    poll.limit(waitSeconds * 1000 + this.#lateMs);
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
      outcome = { status: response.status, body: await response.json().catch(passOnAborts) };
    } catch (error) {
      outcome = { problem: problemOf(error) };
    }
    cancel();
    this.#polls = this.#polls.filter((other) => other !== poll);
    if (this.#isClosed) return;
    if ('problem' in outcome) this.#failed(poll, outcome.problem);
    else this.#answered(poll, outcome.status, outcome.body);
  }

  #answered(poll: Poll, status: number, body: unknown): void {
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
    const parsed = pollAnswer.safeParse(body);
    if (status !== 200 || !parsed.success) {
      this.#failed(poll, `the broker answered ${status}${status === 200 ? ' without an answer' : ''}`);
      return;
    }
    this.#session = parsed.data.session;
    this.#failures = 0;
    this.#lastHeard = this.#options.now();
    if (parsed.data.answer > this.#received) {
      this.#early.set(parsed.data.answer, { reply: parsed.data, said: poll.received });
    }
    this.#readInOrder();
    this.#go();
  }

  /** Reads what is next; past a gap only when no poll is left that could still bring what is missing. */
  #readInOrder(): void {
    while (this.#early.size > 0 && !this.#isClosed) {
      const next = Math.min(...this.#early.keys());
      if (next > this.#received + 1 && this.#polls.length > 0) return;
      const { reply, said } = this.#early.get(next)!;
      this.#early.delete(next);
      const frames = said < next - 1 ? withoutRepeat(reply.frames, this.#lastFrames) : reply.frames;
      this.#received = next;
      this.#lastFrames = reply.frames;
      for (const raw of frames) {
        const event = readFrame(raw);
        this.#on(event);
        if (event.type === 'frame' && event.frame.type === 'bye') this.#finish(reasonOfBye(event.frame));
        if (this.#isClosed) return;
      }
    }
  }

  #failed(poll: Poll, problem: string): void {
    const { random, after, now } = this.#options;
    if (this.#session === undefined || now() - this.#lastHeard > SILENCE_SECONDS * 1000) {
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
      this.#go();
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

/** The broker puts an answer in front again when it can't know yet that it arrived. */
function withoutRepeat(frames: unknown[], before: readonly unknown[]): unknown[] {
  const isRepeat = before.every((frame, index) => JSON.stringify(frame) === JSON.stringify(frames[index]));
  return isRepeat ? frames.slice(before.length) : frames;
}

function passOnAborts(error: unknown): undefined {
  if (error instanceof SyntaxError) return undefined;
  throw error;
}

/** fetch says only `fetch failed`; the reason is in the cause. */
function problemOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.message || cause?.code || message;
}
