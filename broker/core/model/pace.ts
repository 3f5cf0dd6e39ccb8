/**
 * Defines the pace of a number: the limits that prevent Apple from classifying its owner as a spammer.
 *
 * - A limit of 0 means unlimited.
 * - The settings of a number override the broker's defaults.
 * - The defaults apply to live numbers that a device sends for. The numbers of providers and of the sandbox have none.
 */
import type { SendingHours } from '../../../shared/sending-hours.ts';
import type { Environment } from './tenant.ts';

export interface Pace extends SendingHours {
  messagesPerSecond: number;
  messagesPerMinute: number;
  messagesPerDay: number;
  /** A contact is new if no messages were exchanged in the last 30 days. */
  newContactsPerHour: number;
  newContactsPerDay: number;
  /** Maximum consecutive messages to one recipient without a reply. */
  unansweredInARow: number;
  /** Reduces the daily limits in the first week of the number. */
  ramp: boolean;
}

export type PaceOverrides = Partial<Pace>;

const UNLIMITED: Pace = {
  messagesPerSecond: 0,
  messagesPerMinute: 0,
  messagesPerDay: 0,
  newContactsPerHour: 0,
  newContactsPerDay: 0,
  unansweredInARow: 0,
  ramp: false,
  timeZone: 'UTC',
  quietHours: null,
  weeklyWindows: null,
};

/** The broker's settings, for numbers without their own settings. */
export type PaceDefaults = Pick<
  Pace,
  'messagesPerSecond' | 'newContactsPerHour' | 'newContactsPerDay' | 'ramp' | 'timeZone'
>;

/** The default values of the broker's settings. */
export const DEFAULT_PACE: PaceDefaults = {
  messagesPerSecond: 1,
  newContactsPerHour: 15,
  newContactsPerDay: 50,
  ramp: true,
  timeZone: 'UTC',
};

export interface PacedNumber {
  id: string;
  tenantId: number;
  environment: Environment;
  isProviderNumber: boolean;
  pace: PaceOverrides;
  /** Time of the first dispatch (epoch ms); null: nothing dispatched yet. */
  sendsSince: number | null;
}

/** Returns the limits of a number without the reduction of its first week. */
export function paceOf(number: PacedNumber, defaults: PaceDefaults): Pace {
  const hasDefaults = number.environment === 'live' && !number.isProviderNumber;
  const base = hasDefaults ? { ...UNLIMITED, ...defaults } : { ...UNLIMITED, timeZone: defaults.timeZone };
  return { ...base, ...number.pace };
}

const DAY_MS = 86_400_000;
export const RAMP_DAYS = 7;

/** Returns the day of the number's first week, from 1; undefined after that week or without a ramp. */
export function rampDay({ ramp }: Pace, { sendsSince }: PacedNumber, now: number): number | undefined {
  if (!ramp) return undefined;
  const day = sendsSince === null ? 1 : Math.floor(Math.max(0, now - sendsSince) / DAY_MS) + 1;
  return day <= RAMP_DAYS ? day : undefined;
}

export function rampEnd({ sendsSince }: PacedNumber, now: number): number {
  return (sendsSince ?? now) + RAMP_DAYS * DAY_MS;
}

/** Returns the reduced daily limit: 30 % on the first day, 10 percentage points more on each following day. */
export function ramped(limit: number, day: number | undefined): number {
  return day === undefined ? limit : Math.ceil((limit * (2 + day)) / 10);
}

export const LIMITS = [
  { name: 'messages_per_second', field: 'messagesPerSecond', of: 'messages', windowMs: 1_000 },
  { name: 'messages_per_minute', field: 'messagesPerMinute', of: 'messages', windowMs: 60_000 },
  { name: 'messages_per_day', field: 'messagesPerDay', of: 'messages', windowMs: DAY_MS },
  { name: 'new_contacts_per_hour', field: 'newContactsPerHour', of: 'new_contacts', windowMs: 3_600_000 },
  { name: 'new_contacts_per_day', field: 'newContactsPerDay', of: 'new_contacts', windowMs: DAY_MS },
] as const;
export type LimitName = (typeof LIMITS)[number]['name'];
export type LimitSubject = (typeof LIMITS)[number]['of'];

/** A limit on the dispatches in the last `windowMs` milliseconds. */
export interface Limit {
  name: LimitName;
  of: LimitSubject;
  windowMs: number;
  limit: number;
}

export function limitsOf(pace: Pace, number: PacedNumber, now: number): Limit[] {
  const day = rampDay(pace, number, now);
  return LIMITS.flatMap(({ name, field, of, windowMs }) => {
    const limit = windowMs === DAY_MS ? ramped(pace[field], day) : pace[field];
    return limit === 0 ? [] : [{ name, of, windowMs, limit }];
  });
}

/** True if the pace never delays a message. */
export function isUnlimited(pace: Pace): boolean {
  const { quietHours, weeklyWindows, unansweredInARow } = pace;
  return (
    quietHours === null &&
    weeklyWindows === null &&
    unansweredInARow === 0 &&
    LIMITS.every(({ field }) => pace[field] === 0)
  );
}

export type WaitReason =
  | LimitName
  | 'quiet_hours'
  | 'outside_windows'
  | 'unanswered'
  | 'scheduled'
  | 'no_device';

/** The pace reasons that defer one message instead of the whole number. */
export const PACE_DEFER_REASONS = ['new_contacts_per_hour', 'new_contacts_per_day', 'unanswered'] as const;
