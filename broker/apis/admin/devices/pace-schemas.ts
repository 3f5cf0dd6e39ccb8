/** Schemas of the pace of a number and of its usage. */
import { z } from 'zod';
import { isTimeZone, WEEKDAYS } from '../../../../shared/sending-hours.ts';
import { LIMITS } from '../../../core/model/pace.ts';
import { anObject, requiredText } from '../../../http/request-schemas.ts';

const LIMIT_MAX = 1_000_000;
const WINDOWS_MAX = 50;

const limit = (name: string) => {
  const error = `'pace.${name}' must be a whole number from 0 (no limit) to ${LIMIT_MAX}, or null for the default.`;
  return z.int({ error }).min(0, { error }).max(LIMIT_MAX, { error }).nullish();
};

const clock = (name: string) =>
  requiredText(name).regex(/^([01]\d|2[0-3]):[0-5]\d$/, {
    error: `'${name}' must be a time of the day such as 21:30.`,
  });

const differ = ({ from, to }: { from: string; to: string }) => from !== to;

const span = (name: string) =>
  z.object(
    { from: clock(`${name}.from`), to: clock(`${name}.to`) },
    { error: `'${name}' must be an object with from and to.` },
  );

const sameEnds = (name: string) => ({ error: `'${name}' must not start and end at the same time.` });

const DAYS = `'pace.weeklyWindows' must name days among: ${WEEKDAYS.join(', ')}.`;
const WINDOWS = `'pace.weeklyWindows' must be a list of 1 to ${WINDOWS_MAX} windows, or null.`;

/** An omitted setting stays unchanged; null restores the default of the broker. A limit of 0 means unlimited. */
export const paceChange = anObject({
  messagesPerSecond: limit('messagesPerSecond'),
  messagesPerMinute: limit('messagesPerMinute'),
  messagesPerDay: limit('messagesPerDay'),
  newContactsPerHour: limit('newContactsPerHour'),
  newContactsPerDay: limit('newContactsPerDay'),
  unansweredInARow: limit('unansweredInARow'),
  ramp: z.boolean({ error: "'pace.ramp' must be true or false." }).nullish(),
  timeZone: z
    .string({ error: "'pace.timeZone' must be a string." })
    .refine(isTimeZone, { error: "'pace.timeZone' must be a name such as America/New_York." })
    .nullish(),
  quietHours: span('pace.quietHours').refine(differ, sameEnds('pace.quietHours')).nullish(),
  weeklyWindows: z
    .array(
      span('pace.weeklyWindows')
        .extend({ days: z.array(z.enum(WEEKDAYS, { error: DAYS }), { error: DAYS }).min(1, { error: DAYS }) })
        .refine(differ, sameEnds('pace.weeklyWindows')),
      { error: WINDOWS },
    )
    .min(1, { error: WINDOWS })
    .max(WINDOWS_MAX, { error: WINDOWS })
    .nullish(),
});

const hours = z.object({ from: z.string(), to: z.string() });

export const pace = z.object({
  messagesPerSecond: z.number(),
  messagesPerMinute: z.number(),
  messagesPerDay: z.number(),
  newContactsPerHour: z.number(),
  newContactsPerDay: z.number(),
  unansweredInARow: z.number(),
  ramp: z.boolean(),
  timeZone: z.string(),
  quietHours: hours.nullable(),
  weeklyWindows: z.array(hours.extend({ days: z.array(z.enum(WEEKDAYS)) })).nullable(),
});

const slot = z.object({
  /** Null: never, with the current pace. */
  at: z.number().nullable(),
  /** Null: available now. */
  reason: z.string().nullable(),
  message: z.string().nullable(),
});

export const numberUsage = z.object({
  id: z.string(),
  phoneNumber: z.string(),
  limits: z.array(
    z.object({
      name: z.enum(LIMITS.map(({ name }) => name)),
      of: z.enum(['messages', 'new_contacts']),
      windowSeconds: z.number(),
      used: z.number(),
      /** Null: no limit. */
      limit: z.number().nullable(),
      remaining: z.number().nullable(),
    }),
  ),
  /** The lower limits of the first week; null: ended or disabled. */
  ramp: z.object({ day: z.number(), days: z.number(), endsAt: z.number() }).nullable(),
  /** The pace in force. */
  pace,
  /** The settings of the number that replace the defaults of the broker. */
  own: pace.partial(),
  nextMessage: slot,
  nextNewContact: slot,
  queued: z.number(),
});
export type NumberUsageBody = z.infer<typeof numberUsage>;
