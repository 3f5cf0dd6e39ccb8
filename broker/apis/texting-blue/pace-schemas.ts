/** Schemas of a number's pace (sending limits and hours) and of its usage. */
import { z } from 'zod';
import { isTimeZone, WEEKDAYS } from '../../../shared/sending-hours.ts';
import { LIMITS } from '../../core/model/pace.ts';
import type { PaceChange } from '../../core/numbers/change-pace.ts';
import { anObject, requiredText } from '../../http/request-schemas.ts';

const LIMIT_MAX = 1_000_000;

const limit = (name: string, description: string) => {
  const error = `'pace.${name}' must be a whole number from 0 (no limit) to ${LIMIT_MAX}, or null for the default.`;
  return z.int({ error }).min(0, { error }).max(LIMIT_MAX, { error }).describe(description).nullish();
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

/** A limit of 0 removes the limit; null restores the broker's default. */
export const paceBody = anObject({
  messages_per_second: limit('messages_per_second', 'Maximum messages per second.'),
  messages_per_minute: limit('messages_per_minute', 'Maximum messages per minute.'),
  messages_per_day: limit('messages_per_day', 'Maximum messages per 24 hours.'),
  new_contacts_per_hour: limit(
    'new_contacts_per_hour',
    'Maximum new contacts per hour (no messages exchanged in the last 30 days).',
  ),
  new_contacts_per_day: limit(
    'new_contacts_per_day',
    'Maximum new contacts per 24 hours (no messages exchanged in the last 30 days).',
  ),
  unanswered_in_a_row: limit(
    'unanswered_in_a_row',
    'Maximum consecutive messages to a recipient without a reply.',
  ),
  ramp: z
    .boolean({ error: "'pace.ramp' must be true or false." })
    .describe('Whether the daily limits are lower in the first week of the number.')
    .nullish(),
  time_zone: z
    .string({ error: "'pace.time_zone' must be a string." })
    .refine(isTimeZone, { error: "'pace.time_zone' must be a name such as America/New_York." })
    .describe('IANA time zone of the quiet hours and the weekly windows.')
    .nullish(),
  quiet_hours: span('pace.quiet_hours')
    .describe('Daily hours without sending; null: no quiet hours.')
    .nullish(),
  weekly_windows: z
    .array(
      span('pace.weekly_windows').extend({
        days: z
          .array(z.enum(WEEKDAYS, { error: DAYS }), { error: DAYS })
          .min(1, { error: DAYS })
          .describe('Days of the week.'),
      }),
      { error: WINDOWS },
    )
    .min(1, { error: WINDOWS })
    .max(WINDOWS_MAX, { error: WINDOWS })
    .describe('Weekly sending hours; null: at any time.')
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
  at: time.nullable().describe('Earliest time; null: never, with the current pace of the number.'),
  reason: z.string().nullable().describe('Reason for the delay; null: available now.'),
  message: z.string().nullable().describe('The reason as a sentence; null: available now.'),
});

export const usageResponse = z
  .object({
    id: z.string().describe('Id of the number: `num_` and 26 letters and digits.'),
    phone_number: z.string().describe('Phone number in E.164 format.'),
    time_zone: z.string().describe('IANA time zone of the quiet hours and the weekly windows.'),
    limits: z
      .array(
        z.object({
          name: z.enum(LIMITS.map(({ name }) => name)).describe('Name of the limit, as in `pace`.'),
          window_seconds: z.int().describe('Length of the time window that the limit counts, in seconds.'),
          used: z.int().describe('Number of messages, or of new contacts, in the current window.'),
          limit: z.int().nullable().describe('Maximum in the window; null: no limit.'),
          remaining: z
            .int()
            .nullable()
            .describe('Number that is left in the current window; null: no limit.'),
        }),
      )
      .describe('The limits of the number and their current use.'),
    ramp: z
      .object({
        day: z.int().describe('Day of the first week, from 1.'),
        ends_at: time.describe('Time at which the lower limits end.'),
      })
      .nullable()
      .describe('State of the lower limits in the first week; null: ended or disabled.'),
    next_free_slot: slot.describe('Earliest time of the next message.'),
    next_new_contact: slot.describe('Earliest time of the next message to a new contact.'),
    queued: z.int().describe('Number of queued messages.'),
  })
  .meta({ title: 'NumberUsage' });
