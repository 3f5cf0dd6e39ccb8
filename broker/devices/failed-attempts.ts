/** Limits the attempts with wrong pairing codes and device tokens, by the address of the client. */
import type { IncomingMessage } from 'node:http';
import { HomingError, rateLimited } from '../core/model/errors.ts';
import type { RateLimit } from '../core/ports/rate-limits.ts';

export interface FailedAttemptOptions {
  /** Maximum failed attempts per minute from one address. */
  perMinute: number;
  limit: RateLimit;
  addressOf(request: IncomingMessage): string;
}

export class FailedAttempts {
  readonly #options: FailedAttemptOptions;

  constructor(options: FailedAttemptOptions) {
    this.#options = options;
  }

  /** Runs an attempt, which counts if its secret is wrong. @throws HomingError rate_limited, without an attempt */
  async guard<T>(request: IncomingMessage, attempt: () => Promise<T>): Promise<T> {
    const { limit, perMinute, addressOf } = this.#options;
    const address = addressOf(request);
    // Before the attempt, so that attempts at the same time count too.
    const allowance = await limit.take(address, perMinute);
    if (!allowance.isAllowed) throw tooMany(allowance.retryAfterSeconds);
    try {
      const result = await attempt();
      limit.refund(address, allowance);
      return result;
    } catch (error) {
      if (!isWrongSecret(error)) limit.refund(address, allowance);
      throw error;
    }
  }

  /** Counts a failed attempt. Returns the error for its response. */
  async count(request: IncomingMessage, error: HomingError): Promise<HomingError> {
    const { limit, perMinute, addressOf } = this.#options;
    const { isAllowed, retryAfterSeconds } = await limit.take(addressOf(request), perMinute);
    return isAllowed ? error : tooMany(retryAfterSeconds);
  }
}

const isWrongSecret = (error: unknown) =>
  error instanceof HomingError && ['unauthorized', 'not_found', 'gone'].includes(error.code);

const tooMany = (seconds: number) =>
  rateLimited(`Too many failed attempts from your address. Try again in ${seconds} s.`, seconds);
