/** Limits the failed sign-ins from an address and for a member, in windows of 15 minutes. */
import type { IncomingMessage } from 'node:http';
import { HomingError, rateLimited, unauthorized } from '../../../core/model/errors.ts';
import type { Allowance, RateLimit, RateLimits } from '../../../core/ports/rate-limits.ts';

const WINDOW_MS = 15 * 60_000;
const PER_ADDRESS = 50;
const PER_EMAIL = 10;

export class SignInThrottle {
  readonly #limit: RateLimit;
  readonly #addressOf: (request: IncomingMessage) => string;

  constructor(limits: RateLimits, addressOf: (request: IncomingMessage) => string) {
    this.#limit = limits.open('sign-ins', { windowMs: WINDOW_MS, isRefunded: true });
    this.#addressOf = addressOf;
  }

  /** Runs an attempt, which counts if its secret is wrong. @throws HomingError rate_limited, without an attempt */
  async guard<T>(request: IncomingMessage, email: string | undefined, attempt: () => Promise<T>): Promise<T> {
    const subjects: [string, number][] = [[`address ${this.#addressOf(request)}`, PER_ADDRESS]];
    if (email !== undefined) subjects.push([`email ${email}`, PER_EMAIL]);
    const taken: [string, Allowance][] = [];
    const refund = () => {
      for (const [subject, allowance] of taken) this.#limit.refund(subject, allowance);
    };
    for (const [subject, max] of subjects) {
      // Before the attempt, so that attempts at the same time count too.
      const allowance = await this.#limit.take(subject, max);
      if (allowance.isAllowed) taken.push([subject, allowance]);
      else {
        refund();
        throw tooMany(allowance.retryAfterSeconds);
      }
    }
    try {
      const result = await attempt();
      refund();
      return result;
    } catch (error) {
      if (!isWrongSecret(error)) refund();
      throw error;
    }
  }

  /** Checks a secret. A wrong one counts like a failed attempt. @throws HomingError rate_limited, without a check */
  async isRight(request: IncomingMessage, email: string, check: () => Promise<boolean>): Promise<boolean> {
    const wrong = unauthorized();
    try {
      return await this.guard(request, email, async () => {
        if (await check()) return true;
        throw wrong;
      });
    } catch (error) {
      if (error === wrong) return false;
      throw error;
    }
  }
}

const isWrongSecret = (error: unknown) =>
  error instanceof HomingError && ['unauthorized', 'not_found', 'gone'].includes(error.code);

const tooMany = (seconds: number) =>
  rateLimited(`Too many failed sign-ins. Try again in ${Math.ceil(seconds / 60)} min.`, seconds);
