/**
 * Every setting of the broker, in one literal: its name, what it is for, its default and what is allowed.
 * Validation, `--help`, `homing config` and the README's table are made from it. A setting that can't be used
 * refuses the start; nothing is clamped or silently replaced.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '../shared/sending-hours.ts';
import type { Prices } from './core/billing/billing.ts';
import { CAREFUL, type PaceDefaults } from './core/model/pace.ts';

export interface Setting {
  /** Environment variable. */
  name: string;
  /** Command-line flag. */
  flag: string;
  /** The flag's value, as `--help` shows it. */
  value: string;
  default: string | undefined;
  /** What happens without it, where that is not a plain value. */
  unset?: string;
  allowed: string;
  purpose: string;
  schema: z.ZodType;
  isSecret?: boolean;
}

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const yesNo = z.enum(['0', '1']).transform((value) => value === '1');

export const SETTINGS = {
  host: {
    name: 'HOMING_HOST',
    flag: '--host',
    value: '<address>',
    default: '127.0.0.1',
    allowed: 'an address of this machine; 0.0.0.0 for all of them',
    purpose: 'The address to listen on.',
    schema: z.string().min(1),
  },
  port: {
    name: 'HOMING_PORT',
    flag: '--port',
    value: '<port>',
    default: '8080',
    allowed: '0 to 65535; 0 takes a free one',
    purpose: 'The port to listen on.',
    schema: wholeNumber(0, 65_535),
  },
  dataDir: {
    name: 'HOMING_DATA_DIR',
    flag: '--data-dir',
    value: '<folder>',
    default: './data',
    allowed: 'a folder; it is made when it is missing',
    purpose: 'Where the database lives.',
    schema: z.string().min(1),
  },
  publicUrl: {
    name: 'HOMING_PUBLIC_URL',
    flag: '--public-url',
    value: '<url>',
    default: undefined,
    unset: 'http:// and the address it listens on',
    allowed: 'http:// or https:// URL',
    purpose: 'How phones and clients reach the broker from outside; setup links begin with it.',
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    flag: '--database-url',
    value: '<url>',
    default: undefined,
    unset: 'SQLite in the data folder',
    allowed: 'nothing yet: this version keeps its data in SQLite',
    purpose: 'A Postgres database for several brokers.',
    schema: z.never(),
    isSecret: true,
  },
  logLevel: {
    name: 'HOMING_LOG_LEVEL',
    flag: '--log-level',
    value: '<level>',
    default: 'info',
    allowed: LOG_LEVELS.join(', '),
    purpose: 'How much is logged, as JSON lines on standard error.',
    schema: z.enum(LOG_LEVELS),
  },
  logNumbers: {
    name: 'HOMING_LOG_FULL_NUMBERS',
    flag: '--log-full-numbers',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Whether logs show whole phone numbers instead of +1415•••0100.',
    schema: yesNo,
  },
  metricsToken: {
    name: 'HOMING_METRICS_TOKEN',
    flag: '--metrics-token',
    value: '<token>',
    default: undefined,
    unset: 'only programs on this machine may read them',
    allowed: '16 to 200 letters, digits and signs, without spaces',
    purpose: 'What Prometheus shows as its bearer token to read /metrics.',
    schema: z.string().regex(/^[!-~]{16,200}$/),
    isSecret: true,
  },
  plansFile: {
    name: 'HOMING_PLANS_FILE',
    flag: '--plans-file',
    value: '<file>',
    default: undefined,
    unset: 'free, starter, pro and enterprise as documented',
    allowed: 'a JSON file of plans: {"name":{"api_requests_per_minute":5000,…}}',
    purpose: 'Adds plans, or replaces those of the same name.',
    schema: z.string().min(1),
  },
  allowPrivateUrls: {
    name: 'HOMING_ALLOW_PRIVATE_URLS',
    flag: '--allow-private-urls',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Whether media_url may be http:// or lead to private addresses: for development.',
    schema: yesNo,
  },
  mediaMaxMegabytes: {
    name: 'HOMING_MEDIA_MAX_MB',
    flag: '--media-max-mb',
    value: '<megabytes>',
    default: '100',
    allowed: '1 to 1000',
    purpose: 'The largest attachment that a device may hand over. (What is sent may have 5 MB.)',
    schema: wholeNumber(1, 1_000),
  },
  lateAfterHours: {
    name: 'HOMING_LATE_AFTER_HOURS',
    flag: '--late-after-hours',
    value: '<hours>',
    default: '24',
    allowed: '1 to 720',
    purpose: 'A text that comes in this long after it was sent is kept, and marked late.',
    schema: wholeNumber(1, 720),
  },
  leaseSeconds: {
    name: 'HOMING_LEASE_SECONDS',
    flag: '--lease-seconds',
    value: '<seconds>',
    default: '60',
    allowed: '1 to 3600',
    purpose:
      'After this long without a report, a message is given again to the device that has it and journals.',
    schema: wholeNumber(1, 3_600),
  },
  reportTimeoutSeconds: {
    name: 'HOMING_REPORT_TIMEOUT_SECONDS',
    flag: '--report-timeout-seconds',
    value: '<seconds>',
    default: '300',
    allowed: '1 to 86400',
    purpose:
      'After this long without a report, a message that a device without a journal took is failed as unconfirmed.',
    schema: wholeNumber(1, 86_400),
  },
  shortcutRunSeconds: {
    name: 'HOMING_SHORTCUT_RUN_SECONDS',
    flag: '--shortcut-run-seconds',
    value: '<seconds>',
    default: '900',
    allowed: '1 to 14400',
    purpose:
      'A run of the iPhone shortcut that goes on for longer is told to stop; automations begin the next.',
    schema: wholeNumber(1, 14_400),
  },
  sandboxReportTimeoutSeconds: {
    name: 'HOMING_SANDBOX_REPORT_TIMEOUT_SECONDS',
    flag: '--sandbox-report-timeout-seconds',
    value: '<seconds>',
    default: '10',
    allowed: '1 to 3600',
    purpose: 'The same for the sandbox, so that nobody waits five minutes for a test.',
    schema: wholeNumber(1, 3_600),
  },
  messageTtlHours: {
    name: 'HOMING_MESSAGE_TTL_HOURS',
    flag: '--message-ttl-hours',
    value: '<hours>',
    default: '24',
    allowed: '1 to 720',
    purpose: 'A message that nobody could send for this long is failed as expired, not sent late.',
    schema: wholeNumber(1, 720),
  },
  messagesPerSecond: {
    name: 'HOMING_MESSAGES_PER_SECOND',
    flag: '--messages-per-second',
    value: '<messages>',
    default: String(CAREFUL.messagesPerSecond),
    allowed: '0 to 100; 0 sets no limit',
    purpose: 'How fast a number of a device sends, unless it has a pace of its own.',
    schema: wholeNumber(0, 100),
  },
  newContactsPerHour: {
    name: 'HOMING_NEW_CONTACTS_PER_HOUR',
    flag: '--new-contacts-per-hour',
    value: '<contacts>',
    default: String(CAREFUL.newContactsPerHour),
    allowed: '0 to 10000; 0 sets no limit',
    purpose: 'To how many people it writes with whom it has exchanged nothing in 30 days.',
    schema: wholeNumber(0, 10_000),
  },
  newContactsPerDay: {
    name: 'HOMING_NEW_CONTACTS_PER_DAY',
    flag: '--new-contacts-per-day',
    value: '<contacts>',
    default: String(CAREFUL.newContactsPerDay),
    allowed: '0 to 10000; 0 sets no limit',
    purpose: 'The same for any 24 hours.',
    schema: wholeNumber(0, 10_000),
  },
  ramp: {
    name: 'HOMING_RAMP',
    flag: '--ramp',
    value: '<0|1>',
    default: CAREFUL.ramp ? '1' : '0',
    allowed: '0 or 1',
    purpose: 'Whether a number does less a day in its first week: 30 % on the first day, 10 % more on each.',
    schema: yesNo,
  },
  timeZone: {
    name: 'HOMING_TIME_ZONE',
    flag: '--time-zone',
    value: '<name>',
    default: CAREFUL.timeZone,
    allowed: 'a name such as America/New_York',
    purpose: 'Of the quiet hours of numbers that have no time zone of their own.',
    schema: z.string().refine(isTimeZone),
  },
  retentionDays: {
    name: 'HOMING_RETENTION_DAYS',
    flag: '--retention-days',
    value: '<days>',
    default: '0',
    allowed: '0 to 3650; 0 keeps everything',
    purpose: 'Messages older than this are deleted every night.',
    schema: wholeNumber(0, 3_650),
  },
  retentionAt: {
    name: 'HOMING_RETENTION_AT',
    flag: '--retention-at',
    value: '<hh:mm>',
    default: '03:30',
    allowed: '00:00 to 23:59, in the time zone of the machine',
    purpose: 'When the nightly deletion runs.',
    schema: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  },
  smsPriceCents: {
    name: 'HOMING_SMS_PRICE_CENTS',
    flag: '--sms-price-cents',
    value: '<cents>',
    default: '1',
    allowed: '0 to 1000',
    purpose: 'What one segment by the messaging provider costs. Messages by a device of your own cost 0.',
    schema: wholeNumber(0, 1_000),
  },
  whatsappPriceCents: {
    name: 'HOMING_WHATSAPP_PRICE_CENTS',
    flag: '--whatsapp-price-cents',
    value: '<cents>',
    default: '1',
    allowed: '0 to 1000',
    purpose: 'The same for WhatsApp.',
    schema: wholeNumber(0, 1_000),
  },
  allowNumberPurchases: {
    name: 'HOMING_ALLOW_NUMBER_PURCHASES',
    flag: '--allow-number-purchases',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Whether a live key may buy numbers from the messaging provider, which costs money.',
    schema: yesNo,
  },
  twilioAccountSid: {
    name: 'TWILIO_ACCOUNT_SID',
    flag: '--twilio-account-sid',
    value: '<sid>',
    default: undefined,
    unset: 'no messaging provider',
    allowed: 'AC and 32 hexadecimal digits',
    purpose: 'The Twilio account that sells numbers and carries SMS and WhatsApp.',
    schema: z.string().regex(/^AC[0-9a-fA-F]{32}$/),
  },
  twilioAuthToken: {
    name: 'TWILIO_AUTH_TOKEN',
    flag: '--twilio-auth-token',
    value: '<token>',
    default: undefined,
    unset: 'no messaging provider',
    allowed: 'the auth token of that account',
    purpose: 'Signs the calls to Twilio, and proves that its callbacks are its own.',
    schema: z.string().min(1),
    isSecret: true,
  },
  twilioBaseUrl: {
    name: 'HOMING_TWILIO_BASE_URL',
    flag: '--twilio-base-url',
    value: '<url>',
    default: undefined,
    unset: 'Twilio itself',
    allowed: 'http:// or https:// URL',
    purpose: 'Where the calls to Twilio go instead: a stand-in for tests.',
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  },
  maxDatabaseMegabytes: {
    name: 'HOMING_MAX_DATABASE_MB',
    flag: '--max-database-mb',
    value: '<megabytes>',
    default: '0',
    allowed: '0 to 1000000; 0 sets no limit',
    purpose: 'Sends answer 503 once the database file would grow beyond this.',
    schema: wholeNumber(0, 1_000_000),
  },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof SETTINGS;

type Given<Key extends SettingKey> = z.infer<(typeof SETTINGS)[Key]['schema']>;
type Optional =
  | 'publicUrl'
  | 'databaseUrl'
  | 'plansFile'
  | 'metricsToken'
  | 'twilioAccountSid'
  | 'twilioAuthToken'
  | 'twilioBaseUrl';

export type Config = { [Key in Exclude<SettingKey, Optional>]: Given<Key> } & {
  [Key in Optional]: Given<Key> | undefined;
};

export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

/** Where a value came from, for `homing config`. */
export type Source = 'flag' | 'environment' | 'default' | 'unset';

export interface ReadSetting {
  setting: Setting;
  given: string | undefined;
  source: Source;
}

/** Flags win over the environment, the environment over defaults. An empty variable counts as unset. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Partial<Record<SettingKey, string>> = {},
): Record<SettingKey, ReadSetting> {
  const read = {} as Record<SettingKey, ReadSetting>;
  for (const [key, setting] of Object.entries(SETTINGS) as Array<[SettingKey, Setting]>) {
    const flag = flags[key];
    const variable = environment[setting.name];
    const [given, source]: [string | undefined, Source] =
      flag !== undefined
        ? [flag, 'flag']
        : variable !== undefined && variable !== ''
          ? [variable, 'environment']
          : [setting.default, setting.default === undefined ? 'unset' : 'default'];
    read[key] = { setting, given, source };
  }
  return read;
}

/** One is of no use without the other. */
const TOGETHER = [['twilioAccountSid', 'twilioAuthToken']] as const satisfies [SettingKey, SettingKey][];

/** @throws SettingsError naming every setting that can't be used, what was given and what is allowed. */
export function parseConfig(read: Record<SettingKey, ReadSetting>): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, { setting, given, source }] of Object.entries(read)) {
    if (given === undefined) {
      values[key] = undefined;
      continue;
    }
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) values[key] = parsed.data;
    else {
      const name = source === 'flag' ? setting.flag : setting.name;
      const shown = setting.isSecret ? 'a value' : `'${given}'`;
      problems.push(`${name} was given ${shown}; allowed: ${setting.allowed}.`);
    }
  }
  for (const [one, other] of TOGETHER) {
    if ((values[one] === undefined) !== (values[other] === undefined) && problems.length === 0) {
      const [has, lacks] = values[one] === undefined ? [other, one] : [one, other];
      problems.push(`${SETTINGS[has].name} was given without ${SETTINGS[lacks].name}; set both, or neither.`);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  const config = values as Config;
  return { ...config, dataDir: resolve(config.dataDir) };
}

export function paceDefaultsOf(config: Config): PaceDefaults {
  const { messagesPerSecond, newContactsPerHour, newContactsPerDay, ramp, timeZone } = config;
  return { messagesPerSecond, newContactsPerHour, newContactsPerDay, ramp, timeZone };
}

export function pricesOf({ smsPriceCents, whatsappPriceCents }: Config): Prices {
  return { sms: smsPriceCents, whatsapp: whatsappPriceCents };
}
