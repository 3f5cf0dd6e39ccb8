/** Limits the attempts with wrong pairing codes and device tokens, by the address of the client. */
import type { IncomingMessage } from 'node:http';
import { MinuteLimit } from '../core/accounts/minute-limit.ts';
import { HomingError, rateLimited } from '../core/model/errors.ts';

export interface FailedAttemptOptions {
  /** Maximum failed attempts per minute from one address. */
  perMinute: number;
  monotonicNow: () => number;
  addressOf(request: IncomingMessage): string;
}

export class FailedAttempts {
  readonly #options: FailedAttemptOptions;
  readonly #limit: MinuteLimit;

  constructor(options: FailedAttemptOptions) {
    this.#options = options;
    this.#limit = new MinuteLimit(options.monotonicNow);
  }

  /** Runs an attempt, which counts if its secret is wrong. @throws HomingError rate_limited, without an attempt */
  async guard<T>(request: IncomingMessage, attempt: () => Promise<T>): Promise<T> {
    const address = this.#options.addressOf(request);
    // Before the attempt, so that attempts at the same time count too.
    const { isAllowed, retryAfterSeconds } = this.#limit.take(address, this.#options.perMinute);
    if (!isAllowed) throw tooMany(retryAfterSeconds);
    try {
      const result = await attempt();
      this.#limit.refund(address);
      return result;
    } catch (error) {
      if (!isWrongSecret(error)) this.#limit.refund(address);
      throw error;
    }
  }

  /** Counts a failed attempt. Returns the error for its response. */
  count(request: IncomingMessage, error: HomingError): HomingError {
    const address = this.#options.addressOf(request);
    const { isAllowed, retryAfterSeconds } = this.#limit.take(address, this.#options.perMinute);
    return isAllowed ? error : tooMany(retryAfterSeconds);
  }
}

const isWrongSecret = (error: unknown) =>
  error instanceof HomingError && ['unauthorized', 'not_found', 'gone'].includes(error.code);

const tooMany = (seconds: number) =>
  rateLimited(`Too many failed attempts from your address. Try again in ${seconds} s.`, seconds);
