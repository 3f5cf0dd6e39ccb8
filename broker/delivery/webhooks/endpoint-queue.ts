/**
 * What is read ahead for one webhook, and how much of it is on its way. A webhook that answers is given more at once; one
 * that does not is asked one by one, so that it takes up next to nothing of what there is for all.
 */
import type { DueDelivery } from '../../core/model/event.ts';

const AT_FIRST = 4;
const AT_MOST = 32;
const READ_AHEAD = 192;

export class EndpointQueue {
  readonly #waiting: DueDelivery[] = [];
  /** Ids of what waits here or is on its way. */
  readonly #known = new Set<string>();
  /** Ids of what was recorded since the reading began, which may still find them due. */
  readonly #recorded = new Set<string>();
  #underWay = 0;
  #width = AT_FIRST;

  isIdle(): boolean {
    return this.#known.size === 0;
  }

  /** It will soon have nothing to begin with. */
  isLow(): boolean {
    return this.#waiting.length < this.#width;
  }

  /** How many to read, with those that are known already and come again. */
  beginReading(): number {
    this.#recorded.clear();
    return READ_AHEAD + this.#known.size;
  }

  add(due: readonly DueDelivery[]): void {
    for (const one of due) {
      const { id } = one.delivery;
      if (this.#known.has(id) || this.#recorded.has(id)) continue;
      this.#known.add(id);
      this.#waiting.push(one);
    }
  }

  next(): DueDelivery | undefined {
    if (this.#underWay >= this.#width) return undefined;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#underWay += 1;
    return next;
  }

  /** It was answered, or not: there is room for another. */
  answered(): void {
    this.#underWay -= 1;
  }

  /** What became of it is in the database. */
  done({ delivery }: DueDelivery): void {
    this.#known.delete(delivery.id);
    this.#recorded.add(delivery.id);
  }

  learn(what: 'taken' | 'refused' | 'silent'): void {
    if (what === 'taken') this.#width = Math.min(AT_MOST, this.#width + 1);
    else if (what === 'silent') this.#width = 1;
  }
}
