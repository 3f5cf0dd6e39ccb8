/**
 * Leases the next messages of one target in one transaction.
 *
 * - Messages that the device may have lost come before new ones, so that nothing overtakes them.
 * - New messages are leased per number, as far as its pace and the room of the target allow.
 */
import type { IdSource } from '../../../shared/ids.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { PaceDefaults } from '../model/pace.ts';
import type { Queries } from '../ports/store.ts';
import type { DispatchTarget } from './dispatch-target.ts';
import { type RateLimiter, rateLimiterFor } from './rate-limiter.ts';

export interface LeasedMessage {
  message: Message;
  /** The device had leased the message before and may have begun to send it. */
  isRepeat: boolean;
}

export interface LeaseBatch {
  leased: LeasedMessage[];
  /** The target has no room left. */
  isFull: boolean;
  /** Some expired leases still have to be renewed. */
  isCut: boolean;
  /** More messages may be leasable at once. */
  isMore: boolean;
  /** When a number whose pace is used up may continue (epoch ms), by number. */
  resumes: ReadonlyMap<string, number>;
}

export interface LeaseOptions {
  pace: PaceDefaults;
  ids: IdSource;
  now: number;
}

const REPEAT_BATCH = 200;
/** Maximum messages that one step examines, so that a long deferred queue does not delay other numbers. */
const EXAMINED_MAX = 200;

export async function leaseBatch(
  tx: Queries,
  target: DispatchTarget,
  request: { numberIds: readonly string[]; room: number; mayHaveExpiredLeases: boolean },
  options: LeaseOptions,
): Promise<LeaseBatch> {
  const batch = new Batch(tx, target, request.room, options);
  const isCut = request.mayHaveExpiredLeases && (await batch.renewExpired());
  const resumes = new Map<string, number>();
  let isMore = false;
  for (const numberId of request.numberIds) {
    if (batch.room <= 0) break;
    const channels = target.channelsOf(numberId);
    const limiter =
      channels === 'whatsapp' ? undefined : await rateLimiterFor(tx, numberId, options.pace, options.now);
    if (limiter === undefined) {
      await batch.leaseQueued(numberId);
      continue;
    }
    isMore = (await batch.leasePaced(numberId, limiter)) || isMore;
    const resumesAt = await limiter.finish();
    if (resumesAt !== null) resumes.set(numberId, resumesAt);
  }
  return { leased: batch.leased, isFull: batch.room <= 0, isCut, isMore, resumes };
}

class Batch {
  readonly leased: LeasedMessage[] = [];
  room: number;
  readonly #tx: Queries;
  readonly #target: DispatchTarget;
  readonly #options: LeaseOptions;

  constructor(tx: Queries, target: DispatchTarget, room: number, options: LeaseOptions) {
    this.#tx = tx;
    this.#target = target;
    this.#options = options;
    this.room = room;
  }

  /** Returns true if expired leases are left. */
  async renewExpired(): Promise<boolean> {
    const expired = await this.#tx.messages.nextExpiredLeases(
      this.#target.deviceId,
      this.#options.now,
      REPEAT_BATCH,
    );
    for (const message of expired) if (!(await this.#lease(message, true))) break;
    return this.leased.length < expired.length || expired.length === REPEAT_BATCH;
  }

  async leaseQueued(numberId: string): Promise<void> {
    for (const message of await this.#next(numberId, this.room)) {
      if (!(await this.#lease(message, false))) return;
    }
  }

  /** Returns true if the step ended because it had examined its maximum. */
  async leasePaced(numberId: string, limiter: RateLimiter): Promise<boolean> {
    let examined = 0;
    while (examined < EXAMINED_MAX) {
      const { messages: allowed } = await limiter.allowance();
      if (allowed <= 0 || this.room <= 0) return false;
      const found = await this.#next(numberId, Math.min(allowed, this.room));
      if (found.length === 0) return false;
      examined += found.length;
      for (const message of found) {
        await limiter.releaseSlot(message);
        const decision = await limiter.decide(message);
        if (decision.kind === 'defer') {
          if (decision.scope === 'number') break;
          await limiter.defer(message, decision);
          continue;
        }
        if (!(await this.#lease(message, false))) break;
        await limiter.recordDispatch(message, decision.isNewContact);
      }
    }
    return (await limiter.allowance()).messages > 0;
  }

  #next(numberId: string, limit: number): Promise<Message[]> {
    const { deviceId, environment, keepsOrder } = this.#target;
    const channels = this.#target.channelsOf(numberId);
    const { now } = this.#options;
    return this.#tx.messages.nextQueued({
      numberId,
      environment,
      channels,
      deviceId,
      keepsOrder,
      now,
      limit,
    });
  }

  /** Returns false if the target has no room. Later messages must then not be leased either. */
  async #lease(message: Message, isRepeat: boolean): Promise<boolean> {
    const takesRoom = !this.#target.wasDelivered(message.id);
    if (takesRoom && this.room <= 0) return false;
    const { now, ids } = this.#options;
    const { deviceId, leaseMs, isJournaling } = this.#target;
    const dispatched = transition(
      message,
      { kind: 'dispatch', deviceId, leaseId: ids(), leaseUntil: now + leaseMs, journaled: isJournaling },
      now,
    );
    if (dispatched === undefined) return true;
    await recordTransition(this.#tx, dispatched, { now, ids });
    this.leased.push({ message: dispatched.message, isRepeat });
    if (takesRoom) this.room -= 1;
    return true;
  }
}
