/**
 * A fetch that tries again what may be tried again: what only reads, and sends with an idempotency key, which the
 * broker takes once. Anything else is sent once, however it ends. It gives the last answer, and rejects with a
 * HomingApiError where there was none, or with the reason of the caller's own signal.
 */
import { type Clock, wait, withDeadline } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { retryAfterSeconds } from './refusals.ts';

export type Fetch = (request: Request, init?: RequestInit) => Promise<Response>;

export interface RetryOptions {
  fetch: Fetch;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
  /** How often after the first try. */
  retries: number;
  /** For each try. */
  timeoutMs: number;
}

/** Too fast; or somebody between us and the broker, or the broker itself, is not there for a moment. */
const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** Who is told to wait for longer is told so, instead of waiting in silence. A minute is what rate limits are counted by. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

export function retryingFetch({ fetch, clock, random, retries, timeoutMs }: RetryOptions): Fetch {
  const tryOnce = (request: Request) =>
    withDeadline(
      { clock, ms: timeoutMs, signal: request.signal, late: () => tooLate(request, timeoutMs) },
      async (signal) => whole(await fetch(request, { signal })),
    );

  return async (request) => {
    const { signal } = request;
    let pauseMs = FIRST_PAUSE_MS;
    for (let left = isSafe(request) ? retries : 0; ; left--) {
      let answer: Response | undefined;
      try {
        answer = await tryOnce(left === 0 ? request : request.clone());
      } catch (error) {
        if (signal.aborted) throw error;
        if (left === 0) throw error instanceof HomingApiError ? error : notReached(request, error);
      }
      if (answer !== undefined && (left === 0 || !RETRIED.has(answer.status))) return answer;
      const seconds = answer && retryAfterSeconds(answer.headers, clock.now());
      if (answer !== undefined && seconds !== undefined && seconds > LONGEST_RETRY_AFTER_SECONDS)
        return answer;
      // Spread, so that clients that failed together do not come back together.
      const spreadMs = pauseMs * (0.5 + random() / 2);
      await wait(clock, Math.max((seconds ?? 0) * 1000, spreadMs), signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  };
}

function isSafe({ method, headers }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || headers.has('idempotency-key');
}

/** A connection that breaks inside the answer breaks here. Files are left to be read as they come. */
async function whole(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer;
  if (answer.body === null || !headers.get('content-type')?.includes('json')) return answer;
  return new Response(await answer.arrayBuffer(), { status, statusText, headers });
}

function notReached({ url }: Request, cause: unknown): HomingApiError {
  const { origin } = new URL(url);
  const reason = reasonOf(cause);
  return new HomingApiError(
    'connection_failed',
    `${origin} gave no answer${reason === undefined ? '' : ` (${reason})`}. Is the address right, and does the broker run?`,
    { cause },
  );
}

/** Node says `fetch failed`, and why one level deeper. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

function tooLate({ url }: Request, timeoutMs: number): HomingApiError {
  return new HomingApiError(
    'timed_out',
    `${new URL(url).origin} gave no answer within ${timeoutMs / 1000} s.`,
  );
}
