/** Explains until when and why a queued message waits. */
import type { Message } from '../model/message.ts';
import type { PaceDefaults, WaitReason } from '../model/pace.ts';
import type { Environment } from '../model/tenant.ts';
import type { Queries, Store } from '../ports/store.ts';
import { Forecast, type ForecastTime } from './forecast.ts';
import { rateLimiterFor } from './rate-limiter.ts';

export interface Wait {
  /** The earliest time of the dispatch, epoch ms; null: unknown. */
  until: number | null;
  reason: WaitReason;
  /** The message expires before its limits allow its dispatch. */
  expiresFirst: boolean;
  /** Devices are connected, but none of them can send the message. */
  lacksCapability?: true | undefined;
}

export interface WaitContext {
  pace: PaceDefaults;
  now: number;
  /** Whether a connected target sends texts for a live number. `needs`: bits of the capabilities that it must have. */
  hasTarget(numberId: string, needs?: number): boolean | Promise<boolean>;
}

const NO_DEVICE: Wait = { until: null, reason: 'no_device', expiresFirst: false };
const NO_CAPABLE_DEVICE: Wait = { ...NO_DEVICE, lacksCapability: true };
/** A missing device explains the wait better than a limit that ends this soon. */
const SHORT_WAIT_MS = 60_000;

/** Explains the waits of several messages. Reads each number once. */
export class Waits {
  readonly #read: Queries;
  readonly #context: WaitContext;
  /** Forecasts by number id; undefined: nothing is limited. */
  readonly #forecasts = new Map<string, Promise<Forecast | undefined>>();

  constructor(read: Queries, context: WaitContext) {
    this.#read = read;
    this.#context = context;
  }

  /** Returns undefined if the message waits for nothing except a free device. */
  async of(message: Message): Promise<Wait | undefined> {
    if (message.status !== 'queued') return undefined;
    const { now, hasTarget } = this.#context;
    const { numberId, needs, isDeferred, deferReason, deferredUntil } = message;
    const forecast = message.requestedService === 'whatsapp' ? undefined : await this.#forecastOf(numberId);
    if (isDeferred && deferReason !== null && deferredUntil !== null) {
      if (deferReason === 'unanswered') return waitFor({ at: null, reason: deferReason }, message);
      const time = forecast?.opening(deferredUntil, deferReason);
      return waitFor(time ?? { at: deferredUntil, reason: deferReason }, message);
    }
    const time = (await forecast?.timeOf(message)) ?? { at: now, reason: null };
    const isLong = time.at === null || time.at > now + SHORT_WAIT_MS;
    if (!isLong && !(await hasTarget(numberId, needs))) {
      const isLive = (await this.#read.numbers.paced(numberId))?.environment === 'live';
      if (isLive) return needs !== 0 && (await hasTarget(numberId)) ? NO_CAPABLE_DEVICE : NO_DEVICE;
    }
    return time.at === null || time.at > now ? waitFor(time, message) : undefined;
  }

  /** Call for a message that was accepted after its number was read. */
  async add(message: Message): Promise<void> {
    (await this.#forecasts.get(message.numberId))?.add(message);
  }

  async isUnlimited(numberId: string): Promise<boolean> {
    return (await this.#forecastOf(numberId)) === undefined;
  }

  #forecastOf(numberId: string): Promise<Forecast | undefined> {
    const known = this.#forecasts.get(numberId);
    if (known !== undefined) return known;
    const reading = this.#readForecast(numberId);
    this.#forecasts.set(numberId, reading);
    return reading;
  }

  async #readForecast(numberId: string): Promise<Forecast | undefined> {
    const { pace, now } = this.#context;
    const limiter = await rateLimiterFor(this.#read, numberId, pace, now);
    return limiter && Forecast.read(this.#read, limiter, now);
  }
}

/** Time for which one reading of a number serves the messages that are accepted after it. */
const READING_MS = 1_000;
const UNLIMITED_MAX = 10_000;

/** Explains the waits of messages that were just accepted, without reading the queue for each. */
export class AcceptedWaits {
  readonly #store: Store;
  readonly #context: () => WaitContext;
  readonly #hasTarget: WaitContext['hasTarget'];
  #current: { waits: Waits; now: number } | undefined;
  /** The numbers without limits, with their environment. Valid for one version of the reference rows. */
  readonly #unlimited = new Map<string, Environment>();
  #version = Number.NaN;

  constructor(store: Store, context: () => WaitContext) {
    this.#store = store;
    this.#context = context;
    this.#hasTarget = context().hasTarget;
  }

  /** Returns synchronously for a number without limits whose device is connected here. */
  of(message: Message): Wait | undefined | Promise<Wait | undefined> {
    const version = this.#store.referenceVersion();
    if (version !== this.#version || this.#unlimited.size > UNLIMITED_MAX) {
      this.#version = version;
      this.#unlimited.clear();
      this.#current = undefined;
    }
    const environment = this.#unlimited.get(message.numberId);
    if (environment === undefined || message.isDeferred || message.needs !== 0 || message.status !== 'queued')
      return this.#read(message);
    if (environment === 'test') return undefined;
    const hasTarget = this.#hasTarget(message.numberId);
    if (typeof hasTarget === 'boolean') return hasTarget ? undefined : NO_DEVICE;
    return hasTarget.then((has) => (has ? undefined : NO_DEVICE));
  }

  async #read(message: Message): Promise<Wait | undefined> {
    const context = this.#context();
    const age = context.now - (this.#current?.now ?? 0);
    if (this.#current === undefined || age < 0 || age > READING_MS) {
      this.#current = { waits: new Waits(this.#store.read, context), now: context.now };
    }
    const { waits } = this.#current;
    await waits.add(message);
    const wait = await waits.of(message);
    const number = await this.#store.read.numbers.paced(message.numberId);
    if (number !== undefined && (await waits.isUnlimited(message.numberId))) {
      this.#unlimited.set(message.numberId, number.environment);
    }
    return wait?.until != null && wait.until <= context.now ? undefined : wait;
  }
}

export function waitOf(read: Queries, message: Message, context: WaitContext): Promise<Wait | undefined> {
  return new Waits(read, context).of(message);
}

function waitFor({ at, reason }: ForecastTime, { expiresAt, hasRequestedExpiry }: Message): Wait | undefined {
  if (reason === null) return undefined;
  const expiresFirst = at !== null && hasRequestedExpiry && at >= expiresAt;
  return { until: expiresFirst ? null : at, reason, expiresFirst };
}

const SENTENCES: Readonly<Record<WaitReason, string>> = {
  messages_per_second: 'The number has reached its limit of messages per second.',
  messages_per_minute: 'The number has reached its limit of messages per minute.',
  messages_per_day: 'The number has reached its limit of messages per day.',
  new_contacts_per_hour: 'The number has reached its limit of new contacts per hour.',
  new_contacts_per_day: 'The number has reached its limit of new contacts per day.',
  quiet_hours: 'The number is in its quiet hours.',
  outside_windows: 'The time is outside the weekly sending windows of the number.',
  unanswered: 'The recipient has not replied to the maximum number of messages in a row.',
  scheduled: 'The message is scheduled for later.',
  no_device: 'No device of the number is connected.',
};

export function waitMessage({
  reason,
  expiresFirst = false,
  lacksCapability,
}: Pick<Wait, 'reason'> & Partial<Wait>): string {
  const sentence = lacksCapability ? 'No device that can send the message is connected.' : SENTENCES[reason];
  return expiresFirst ? `${sentence} The message expires before it can be sent.` : sentence;
}
