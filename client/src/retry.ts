/**
 * Retries safe requests: reads, and requests with an idempotency key, which the broker processes once.
 * Other requests are sent once.
 * Resolves with the last response. Rejects with a HomingApiError if there was none, or with the reason of the caller's
 * signal.
 */
import { type Clock, wait, withTimeout } from './clock.ts';
import { HomingApiError } from './errors.ts';
import { retryAfterSeconds } from './response-errors.ts';

export type Fetch = (request: Request, init?: RequestInit) => Promise<Response>;

export interface RetryOptions {
  fetch: Fetch;
  clock: Clock;
  /** Returns a number from 0 to 1. */
  random: () => number;
  /** Maximum number of attempts after the first. */
  retries: number;
  /** Timeout of each attempt, in milliseconds. */
  timeoutMs: number;
}

/** Rate limits, and temporary errors of a proxy or of the broker. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 250;
const MAXIMUM_PAUSE_MS = 8_000;
/** A longer Retry-After is returned to the caller at once. Rate limits count per minute. */
const MAXIMUM_RETRY_AFTER_SECONDS = 60;

export function retryingFetch({ fetch, clock, random, retries, timeoutMs }: RetryOptions): Fetch {
  const attempt = (request: Request) =>
    withTimeout(
      { clock, ms: timeoutMs, signal: request.signal, onTimeout: () => timedOut(request, timeoutMs) },
      async (signal) => readJsonBody(await fetch(request, { signal })),
    );

  return async (request) => {
    const { signal } = request;
    let pauseMs = FIRST_PAUSE_MS;
    for (let left = isSafe(request) ? retries : 0; ; left--) {
      let response: Response | undefined;
      try {
        response = await attempt(left === 0 ? request : request.clone());
      } catch (error) {
        if (signal.aborted) throw error;
        if (left === 0) throw error instanceof HomingApiError ? error : connectionFailed(request, error);
      }
      if (response !== undefined && (left === 0 || !RETRIED_STATUSES.has(response.status))) return response;
      const seconds = response && retryAfterSeconds(response.headers, clock.now());
      if (response !== undefined && seconds !== undefined && seconds > MAXIMUM_RETRY_AFTER_SECONDS)
        return response;
      // Jitter: clients that failed together must not retry together.
      const jitteredMs = pauseMs * (0.5 + random() / 2);
      await wait(clock, Math.max((seconds ?? 0) * 1000, jitteredMs), signal);
      pauseMs = Math.min(pauseMs * 2, MAXIMUM_PAUSE_MS);
    }
  };
}

function isSafe({ method, headers }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || headers.has('idempotency-key');
}

/** Reads a JSON body completely, so that a connection that breaks inside it is retried. Files stay streams. */
async function readJsonBody(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  if (response.body === null || !headers.get('content-type')?.includes('json')) return response;
  return new Response(await response.arrayBuffer(), { status, statusText, headers });
}

function connectionFailed({ url }: Request, cause: unknown): HomingApiError {
  const { origin } = new URL(url);
  const reason = reasonOf(cause);
  return new HomingApiError(
    'connection_failed',
    `${origin} did not respond${reason === undefined ? '' : ` (${reason})`}. Check the URL and that the broker is running.`,
    { cause },
  );
}

/** Returns the reason from the cause: the error of Node itself is only `fetch failed`. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

function timedOut({ url }: Request, timeoutMs: number): HomingApiError {
  return new HomingApiError(
    'timed_out',
    `${new URL(url).origin} did not respond within ${timeoutMs / 1000} s.`,
  );
}
