/**
 * Remembers which webhooks to read next, so that webhooks without due deliveries cost nothing.
 *
 * - A commit adds the webhooks of its deliveries.
 * - A webhook whose deliveries wait for a retry has the time of the next one.
 * - A webhook that is inactive, but has pending deliveries, is checked at every tick.
 */
export class DeliverySchedule {
  readonly #changed = new Set<string>();
  /** Time of the next attempt (epoch ms), by webhook. */
  readonly #dueAt = new Map<string, number>();
  readonly #paused = new Set<string>();

  add(webhookId: string): void {
    this.#changed.add(webhookId);
  }

  /** Adds the webhooks whose time has come. Returns true if there is a webhook to read. */
  addDue(now: number): boolean {
    for (const [webhookId, at] of this.#dueAt) if (at <= now) this.#changed.add(webhookId);
    for (const webhookId of this.#paused) this.#changed.add(webhookId);
    return this.#changed.size > 0;
  }

  /** Returns the webhooks to read now, and removes them from the schedule. */
  take(): Set<string> {
    const taken = new Set(this.#changed);
    this.#changed.clear();
    for (const webhookId of taken) {
      this.#dueAt.delete(webhookId);
      this.#paused.delete(webhookId);
    }
    return taken;
  }

  /** Whether the webhook is to be read, now or later. */
  has(webhookId: string): boolean {
    return this.#changed.has(webhookId) || this.#dueAt.has(webhookId) || this.#paused.has(webhookId);
  }

  /** `at`: epoch ms. */
  readAt(webhookId: string, at: number): void {
    this.#dueAt.set(webhookId, at);
  }

  pause(webhookId: string): void {
    this.#paused.add(webhookId);
  }
}
