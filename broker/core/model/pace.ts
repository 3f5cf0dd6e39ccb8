/**
 * How fast a number may send, so that Apple does not take its owner for a spammer. A limit of 0 is none. What a number
 * has of its own goes before the broker's defaults, which are for numbers that a device of the owner's sends for: a
 * provider has limits of its own, and the sandbox plays without.
 */

import type { SendingHours } from '../../../shared/sending-hours.ts';
import type { Environment } from './tenant.ts';

export interface Pace extends SendingHours {
  messagesPerSecond: number;
  messagesPerMinute: number;
  messagesPerDay: number;
  /** A contact is new when nothing was exchanged with them for 30 days. */
  newContactsPerHour: number;
  newContactsPerDay: number;
  /** Messages to one person who does not answer. */
  unansweredInARow: number;
  /** In its first week a number sends less a day. */
  ramp: boolean;
}

export type PaceOverrides = Partial<Pace>;

const NONE: Pace = {
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

/** What the broker's settings say for numbers that have nothing of their own. */
export type PaceDefaults = Pick<
  Pace,
  'messagesPerSecond' | 'newContactsPerHour' | 'newContactsPerDay' | 'ramp' | 'timeZone'
>;

/** As the settings are where nobody has changed them. */
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
  /** Since when it has been sending (epoch ms); null: it has not sent yet. */
  sendsSince: number | null;
}

/** The limits as they are for a number, before its first week makes them less. */
export function paceOf(number: PacedNumber, defaults: PaceDefaults): Pace {
  const isCareful = number.environment === 'live' && !number.isProviderNumber;
  const base = isCareful ? { ...NONE, ...defaults } : { ...NONE, timeZone: defaults.timeZone };
  return { ...base, ...number.pace };
}

const DAY_MS = 86_400_000;
const RAMP_DAYS = 7;

/** Which day of its first week a number is in, from 1; undefined when that is over or it has none. */
export function rampDay({ ramp }: Pace, { sendsSince }: PacedNumber, now: number): number | undefined {
  if (!ramp) return undefined;
  const day = sendsSince === null ? 1 : Math.floor(Math.max(0, now - sendsSince) / DAY_MS) + 1;
  return day <= RAMP_DAYS ? day : undefined;
}

export function rampEnd({ sendsSince }: PacedNumber, now: number): number {
  return (sendsSince ?? now) + RAMP_DAYS * DAY_MS;
}

/** Of what a number may do in a day: 30 % on its first, 10 % more on each of the next. */
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

/** A limit that a number has now; it counts what was handed out in the last so many milliseconds. */
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

/** Nothing ever waits for the pace of such a number. */
export function isUnlimited(pace: Pace): boolean {
  const { quietHours, weeklyWindows, unansweredInARow } = pace;
  return (
    quietHours === null &&
    weeklyWindows === null &&
    unansweredInARow === 0 &&
    LIMITS.every(({ field }) => pace[field] === 0)
  );
}

/** Why a message waits. */
export type WaitReason =
  | LimitName
  | 'quiet_hours'
  | 'outside_windows'
  | 'unanswered'
  | 'scheduled'
  | 'no_device';

/** Reasons of the pace for which one message waits, rather than everything of its number. */
export const PACE_DEFER_REASONS = ['new_contacts_per_hour', 'new_contacts_per_day', 'unanswered'] as const;
