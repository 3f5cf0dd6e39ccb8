/** The pace of a number as the API takes it, and what it has used of it as the API shows it. */
import { z } from 'zod';
import { isTimeZone, WEEKDAYS } from '../../../shared/sending-hours.ts';
import { type Wait, waitMessage } from '../../core/dispatch/waiting.ts';
import { LIMITS } from '../../core/model/pace.ts';
import type { PaceChange } from '../../core/numbers/change-pace.ts';
import type { NumberUsage, Slot } from '../../core/numbers/number-usage.ts';
import { anObject, requiredText } from '../../http/request-schemas.ts';
import { formatTime, formatTimeOrNull } from '../../http/timestamps.ts';

const MOST = 1_000_000;

const limit = (name: string, description: string) => {
  const error = `'pace.${name}' must be a whole number from 0 (no limit) to ${MOST}, or null for the default.`;
  return z.int({ error }).min(0, { error }).max(MOST, { error }).describe(description).nullish();
};

const clock = (name: string) =>
  requiredText(name)
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: `'${name}' must be a time of the day such as 21:30.` })
    .describe('A time of the day such as 21:30.');

const span = (name: string) =>
  z.object(
    { from: clock(`${name}.from`), to: clock(`${name}.to`) },
    { error: `'${name}' must be an object with from and to.` },
  );

const DAYS = `'pace.weekly_windows' must name days among: ${WEEKDAYS.join(', ')}.`;
const WINDOWS_MAX = 50;
const WINDOWS = `'pace.weekly_windows' must be a list of 1 to ${WINDOWS_MAX} windows, or null.`;

/** A limit of 0 is none; null goes back to the broker's default. */
export const paceBody = anObject({
  messages_per_second: limit('messages_per_second', 'Messages in any second.'),
  messages_per_minute: limit('messages_per_minute', 'Messages in any minute.'),
  messages_per_day: limit('messages_per_day', 'Messages in any 24 hours.'),
  new_contacts_per_hour: limit(
    'new_contacts_per_hour',
    'People with whom nothing was exchanged in 30 days, in any hour.',
  ),
  new_contacts_per_day: limit('new_contacts_per_day', 'The same in any 24 hours.'),
  unanswered_in_a_row: limit('unanswered_in_a_row', 'Messages to one person who does not answer.'),
  ramp: z
    .boolean({ error: "'pace.ramp' must be true or false." })
    .describe('Less a day in its first week.')
    .nullish(),
  time_zone: z
    .string({ error: "'pace.time_zone' must be a string." })
    .refine(isTimeZone, { error: "'pace.time_zone' must be a name such as America/New_York." })
    .describe('Of the quiet hours and windows.')
    .nullish(),
  quiet_hours: span('pace.quiet_hours').describe('Of every day; null: none.').nullish(),
  weekly_windows: z
    .array(
      span('pace.weekly_windows').extend({
        days: z.array(z.enum(WEEKDAYS, { error: DAYS }), { error: DAYS }).min(1, { error: DAYS }),
      }),
      { error: WINDOWS },
    )
    .min(1, { error: WINDOWS })
    .max(WINDOWS_MAX, { error: WINDOWS })
    .describe('Nothing is sent outside of these; null: at any time.')
    .nullish(),
});

export function paceChange(body: z.infer<typeof paceBody>): PaceChange {
  return {
    messagesPerSecond: body.messages_per_second,
    messagesPerMinute: body.messages_per_minute,
    messagesPerDay: body.messages_per_day,
    newContactsPerHour: body.new_contacts_per_hour,
    newContactsPerDay: body.new_contacts_per_day,
    unansweredInARow: body.unanswered_in_a_row,
    ramp: body.ramp,
    timeZone: body.time_zone,
    quietHours: body.quiet_hours,
    weeklyWindows: body.weekly_windows,
  };
}

const time = z.iso.datetime();
const slot = z.object({
  at: time.nullable().describe('null: never, as the number is set.'),
  reason: z.string().nullable().describe('What keeps it until then; null: it is free now.'),
  message: z.string().nullable(),
});

export const usageResponse = z
  .object({
    id: z.string(),
    phone_number: z.string(),
    time_zone: z.string(),
    limits: z.array(
      z.object({
        name: z.enum(LIMITS.map(({ name }) => name)),
        window_seconds: z.int(),
        used: z.int(),
        limit: z.int().nullable().describe('null: none.'),
        remaining: z.int().nullable(),
      }),
    ),
    ramp: z
      .object({ day: z.int(), ends_at: time })
      .nullable()
      .describe('Its first week, in which it does less a day; null: that is over, or it has none.'),
    next_free_slot: slot.describe('When the next message may go out.'),
    next_new_contact: slot.describe('When the next message to somebody new may.'),
    queued: z.int().describe('Messages that wait, for whatever reason.'),
  })
  .meta({ title: 'NumberUsage' });

export function serializeUsage(
  id: string,
  phoneNumber: string,
  usage: NumberUsage,
): z.infer<typeof usageResponse> {
  return {
    id,
    phone_number: phoneNumber,
    time_zone: usage.timeZone,
    limits: usage.limits.map(({ name, windowMs, used, limit: allowed }) => ({
      name,
      window_seconds: windowMs / 1_000,
      used,
      limit: allowed,
      remaining: allowed === null ? null : Math.max(0, allowed - used),
    })),
    ramp: usage.ramp === null ? null : { day: usage.ramp.day, ends_at: formatTime(usage.ramp.endsAt) },
    next_free_slot: serializeSlot(usage.nextMessage),
    next_new_contact: serializeSlot(usage.nextNewContact),
    queued: usage.queued,
  };
}

function serializeSlot({ at, reason }: Slot) {
  return { at: formatTimeOrNull(at), reason, message: reason === null ? null : waitMessage({ reason }) };
}

export const waiting = z.object({
  until: time.nullable().describe('null: nobody knows.'),
  reason: z.string(),
  message: z.string(),
});

export function serializeWait(wait: Wait): z.infer<typeof waiting> {
  return { until: formatTimeOrNull(wait.until), reason: wait.reason, message: waitMessage(wait) };
}
