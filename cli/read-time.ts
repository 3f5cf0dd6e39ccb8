/** Reads times in options. A time without a zone is in the time zone of this machine. */
import { DateTime } from 'luxon';
import { CommandError, EXIT } from './terminal.ts';

const DURATION = /^\+(\d{1,6})(s|m|h|d)$/;
const AGE = /^(\d{1,6})(s|m|h|d)$/;
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const YEAR_MS = 366 * 86_400_000;

/** Returns the time of `homing send --at` (epoch ms). @throws CommandError */
export function readSendTime(given: string, now: number): number {
  const at = parse(given, now);
  if (at !== undefined && at > now && at <= now + YEAR_MS) return at;
  const allowed =
    'a time within a year, such as 2026-12-24T18:00, 18:00 (today or tomorrow) or +30m (s, m, h or d)';
  throw new CommandError(
    `--at was given '${given}'${at === undefined ? '' : ', which is not in the next year'}; allowed: ${allowed}.`,
    EXIT.usage,
  );
}

/** Returns a time in the past (epoch ms). @throws CommandError */
export function readPastTime(name: string, given: string, now: number): number {
  const [, amount, unit] = AGE.exec(given) ?? [];
  const at =
    amount === undefined
      ? DateTime.fromISO(given.trim().replace(' ', 'T')).toMillis()
      : now - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (at < now) return Math.max(0, at);
  throw new CommandError(
    `${name} was given '${given}'; allowed: a time in the past, such as 2026-11-20T08:00 or 2h (s, m, h or d ago).`,
    EXIT.usage,
  );
}

function parse(given: string, now: number): number | undefined {
  const [, amount, unit] = DURATION.exec(given) ?? [];
  if (amount !== undefined) return now + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const [, hour, minute] = CLOCK.exec(given) ?? [];
  if (hour !== undefined) {
    const today = DateTime.fromMillis(now).set({
      ...{ hour: Number(hour), minute: Number(minute), second: 0, millisecond: 0 },
    });
    return (today.toMillis() > now ? today : today.plus({ days: 1 })).toMillis();
  }
  const parsed = DateTime.fromISO(given.trim().replace(' ', 'T'));
  return parsed.isValid ? parsed.toMillis() : undefined;
}
