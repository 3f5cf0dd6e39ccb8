/**
 * Remembers where the queues of one target continue that are too long to read in one batch: messages at their beginning
 * have expired, or wait for another device.
 */
import type { QueuePlace } from '../ports/queue.ts';

interface Walk {
  place: QueuePlace;
  /** The number was notified after the walk began, so another walk follows. */
  isNotified: boolean;
}

export class QueueWalks {
  readonly #walks = new Map<string, Walk>();

  places(): ReadonlyMap<string, QueuePlace> {
    return new Map([...this.#walks].map(([numberId, { place }]) => [numberId, place]));
  }

  /** Call when messages of the number may be ready for dispatch. */
  notify(numberId: string): void {
    const walk = this.#walks.get(numberId);
    if (walk !== undefined) walk.isNotified = true;
  }

  /**
   * Stores the places where a batch ended. `dirtyNumbers` has the numbers that were notified during the batch; the numbers
   * whose walk continues or starts again are added. Returns true if there are such numbers.
   */
  update(
    numberIds: readonly string[],
    places: ReadonlyMap<string, QueuePlace>,
    dirtyNumbers: Set<string>,
  ): boolean {
    let isMore = false;
    for (const numberId of numberIds) {
      const isNotified = this.#walks.get(numberId)?.isNotified ?? false;
      const place = places.get(numberId);
      if (place === undefined) this.#walks.delete(numberId);
      else this.#walks.set(numberId, { place, isNotified: isNotified || dirtyNumbers.has(numberId) });
      if (place === undefined && !isNotified) continue;
      dirtyNumbers.add(numberId);
      isMore = true;
    }
    return isMore;
  }
}

/** With new room a queue is read from its beginning, because urgent messages are there. */
export const NO_PLACES: ReadonlyMap<string, QueuePlace> = new Map();
