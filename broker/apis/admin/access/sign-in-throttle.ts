/** Limits the failed sign-ins from an address and for a member, in windows of 15 minutes. */
import type { IncomingMessage } from 'node:http';
import { MinuteLimit } from '../../../core/accounts/minute-limit.ts';
import { HomingError, rateLimited, unauthorized } from '../../../core/model/errors.ts';

const WINDOW_MS = 15 * 60_000;
const PER_ADDRESS = 50;
const PER_EMAIL = 10;

export class SignInThrottle {
  readonly #limit: MinuteLimit;
  readonly #addressOf: (request: IncomingMessage) => string;

  constructor(monotonicNow: () => number, addressOf: (request: IncomingMessage) => string) {
    this.#limit = new MinuteLimit(monotonicNow, WINDOW_MS);
    this.#addressOf = addressOf;
  }

  /** Runs an attempt, which counts if its secret is wrong. @throws HomingError rate_limited, without an attempt */
  async guard<T>(request: IncomingMessage, email: string | undefined, attempt: () => Promise<T>): Promise<T> {
    const subjects: [string, number][] = [[`address ${this.#addressOf(request)}`, PER_ADDRESS]];
    if (email !== undefined) subjects.push([`email ${email}`, PER_EMAIL]);
    const taken: string[] = [];
    const refund = () => {
      for (const subject of taken) this.#limit.refund(subject);
    };
    for (const [subject, max] of subjects) {
      // Before the attempt, so that attempts at the same time count too.
      const { isAllowed, retryAfterSeconds } = this.#limit.take(subject, max);
      if (isAllowed) taken.push(subject);
      else {
        refund();
        throw tooMany(retryAfterSeconds);
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
