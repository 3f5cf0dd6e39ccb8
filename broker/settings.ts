/**
 * Defines every setting of the broker: its name, purpose, default and allowed values. Validation, `--help`,
 * `homing config` and docs/settings.md are made from this table.
 */
import { z } from 'zod';
import { parseNetworks } from '../shared/networks.ts';
import { publishedShortcuts } from '../shared/published-shortcuts.ts';
import { isTimeZone } from '../shared/sending-hours.ts';
import { DEFAULT_PACE } from './core/model/pace.ts';

export interface Setting {
  /** Environment variable. */
  name: string;
  /** Command-line flag. */
  flag: string;
  /** Placeholder of the value in `--help`. */
  value: string;
  default: string | undefined;
  /** Effect of an unset value, for settings without a default. */
  unset?: string;
  allowed: string;
  purpose: string;
  schema: z.ZodType;
  /** Never printed. The flag names a file that contains the value, so that it does not appear in `ps`. */
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
const POSTGRES_URL = z.url({ protocol: /^postgres(ql)?$/ });
const yesNo = z.enum(['0', '1']).transform((value) => value === '1');

export const SETTINGS = {
  host: {
    name: 'HOMING_HOST',
    flag: '--host',
    value: '<address>',
    default: '127.0.0.1',
    allowed: 'an address of this machine; 0.0.0.0 for all addresses',
    purpose: 'Address that the broker listens on.',
    schema: z.string().min(1),
  },
  port: {
    name: 'HOMING_PORT',
    flag: '--port',
    value: '<port>',
    default: '8080',
    allowed: '0 to 65535; 0 selects a free port',
    purpose: 'TCP port that the broker listens on.',
    schema: wholeNumber(0, 65_535),
  },
  dataDir: {
    name: 'HOMING_DATA_DIR',
    flag: '--data-dir',
    value: '<folder>',
    default: './data',
    allowed: 'a folder; created if it does not exist',
    purpose: 'Folder of the SQLite database, of uploads and of backups.',
    schema: z.string().min(1),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    flag: '--database-url-file',
    value: '<file>',
    default: undefined,
    unset: 'SQLite in the data folder',
    allowed: 'a postgres:// URL; options: sslmode, sslrootcert, schema',
    purpose: 'PostgreSQL database (15 or later) to use instead of SQLite.',
    schema: POSTGRES_URL,
    isSecret: true,
  },
  databaseDirectUrl: {
    name: 'DATABASE_DIRECT_URL',
    flag: '--database-direct-url-file',
    value: '<file>',
    default: undefined,
    unset: 'the URL of the database',
    allowed: 'a postgres:// URL',
    purpose:
      'Address of the same database without a connection pooler, for the lock of the active broker and for notifications.',
    schema: POSTGRES_URL,
    isSecret: true,
  },
  databasePreparedStatements: {
    name: 'HOMING_DATABASE_PREPARED_STATEMENTS',
    flag: '--database-prepared-statements',
    value: '<0|1>',
    default: '1',
    allowed: '0, 1',
    purpose:
      'Prepare statements by name on PostgreSQL. Set 0 behind a pooler in transaction mode without prepared statements.',
    schema: yesNo,
  },
  publicUrl: {
    name: 'HOMING_PUBLIC_URL',
    flag: '--public-url',
    value: '<url>',
    default: undefined,
    unset: 'http:// and the listening address',
    allowed: 'http:// or https:// URL',
    purpose: 'Public URL of the broker for phones, clients and the dashboard; setup links start with it.',
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  },
  trustedProxies: {
    name: 'HOMING_TRUSTED_PROXIES',
    flag: '--trusted-proxies',
    value: '<addresses>',
    default: undefined,
    unset: 'the address of the connection is the address of the client',
    allowed: 'IP addresses or networks, separated by commas: 127.0.0.1,10.0.0.0/8',
    purpose:
      'Reverse proxies whose X-Forwarded-For header names the client, and whose X-Forwarded-Proto reports TLS.',
    schema: z.string().refine((list) => parseNetworks(list) !== undefined),
  },
  maxConnectionsPerAddress: {
    name: 'HOMING_MAX_CONNECTIONS_PER_ADDRESS',
    flag: '--max-connections-per-address',
    value: '<connections>',
    default: '1000',
    allowed: '10 to 100000',
    purpose:
      'Maximum open connections from one address, or from one IPv6 /64 network. Connected devices and trusted proxies do not count.',
    schema: wholeNumber(10, 100_000),
  },
  maxConnections: {
    name: 'HOMING_MAX_CONNECTIONS',
    flag: '--max-connections',
    value: '<connections>',
    default: '10000',
    allowed: '10 to 1000000',
    purpose:
      'Maximum open connections in total, at most half of the open files of the process. Connected devices do not count.',
    schema: wholeNumber(10, 1_000_000),
  },
  logLevel: {
    name: 'HOMING_LOG_LEVEL',
    flag: '--log-level',
    value: '<level>',
    default: 'info',
    allowed: LOG_LEVELS.join(', '),
    purpose: 'Minimum level of the log on standard error: text on a terminal, otherwise JSON lines.',
    schema: z.enum(LOG_LEVELS),
  },
  logNumbers: {
    name: 'HOMING_LOG_FULL_NUMBERS',
    flag: '--log-full-numbers',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Phone numbers in the log: masked as +1415•••0100 (0) or in full (1).',
    schema: yesNo,
  },
  metricsToken: {
    name: 'HOMING_METRICS_TOKEN',
    flag: '--metrics-token-file',
    value: '<file>',
    default: undefined,
    unset: 'only requests from this machine may read /metrics',
    allowed: '16 to 200 printable ASCII characters without spaces',
    purpose: 'Bearer token that Prometheus sends to read /metrics. Required if the broker has a public URL.',
    schema: z.string().regex(/^[!-~]{16,200}$/),
    isSecret: true,
  },
  plansFile: {
    name: 'HOMING_PLANS_FILE',
    flag: '--plans-file',
    value: '<file>',
    default: undefined,
    unset: 'the default plans',
    allowed: 'a JSON file of plans: {"name":{"api_requests_per_minute":5000,…}}',
    purpose: 'File with plans that are added to the default plans or replace plans of the same name.',
    schema: z.string().min(1),
  },
  allowPrivateUrls: {
    name: 'HOMING_ALLOW_PRIVATE_URLS',
    flag: '--allow-private-urls',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Permission for http:// and private addresses in media_url and webhook URLs, for development.',
    schema: yesNo,
  },
  mediaMaxMegabytes: {
    name: 'HOMING_MEDIA_MAX_MB',
    flag: '--media-max-mb',
    value: '<megabytes>',
    default: '100',
    allowed: '1 to 1000',
    purpose:
      'Maximum size of an attachment that a device, the dashboard or an API caller uploads, in MB. (Attachments by URL: 5 MB.)',
    schema: wholeNumber(1, 1_000),
  },
  mediaQuotaDeviceMegabytes: {
    name: 'HOMING_MEDIA_QUOTA_DEVICE_MB',
    flag: '--media-quota-device-mb',
    value: '<megabytes>',
    default: '10000',
    allowed: '0 to 10000000; 0 sets no limit',
    purpose: 'Maximum size of all stored attachments that one device has uploaded, in MB.',
    schema: wholeNumber(0, 10_000_000),
  },
  mediaQuotaAccountMegabytes: {
    name: 'HOMING_MEDIA_QUOTA_ACCOUNT_MB',
    flag: '--media-quota-account-mb',
    value: '<megabytes>',
    default: '50000',
    allowed: '0 to 10000000; 0 sets no limit',
    purpose:
      'Maximum size of all stored attachments that the devices, members and API callers of one account have uploaded, in MB.',
    schema: wholeNumber(0, 10_000_000),
  },
  lateAfterHours: {
    name: 'HOMING_LATE_AFTER_HOURS',
    flag: '--late-after-hours',
    value: '<hours>',
    default: '24',
    allowed: '1 to 720',
    purpose: 'Age at which an inbound message is marked late, in hours between its sending and its arrival.',
    schema: wholeNumber(1, 720),
  },
  leaseSeconds: {
    name: 'HOMING_LEASE_SECONDS',
    flag: '--lease-seconds',
    value: '<seconds>',
    default: '60',
    allowed: '1 to 3600',
    purpose:
      'Time without a report after which a message is delivered again to a device with a journal, in seconds.',
    schema: wholeNumber(1, 3_600),
  },
  reportTimeoutSeconds: {
    name: 'HOMING_REPORT_TIMEOUT_SECONDS',
    flag: '--report-timeout-seconds',
    value: '<seconds>',
    default: '300',
    allowed: '1 to 86400',
    purpose:
      'Time without a report after which a message on a device without a journal fails as unconfirmed, in seconds.',
    schema: wholeNumber(1, 86_400),
  },
  shortcutRunSeconds: {
    name: 'HOMING_SHORTCUT_RUN_SECONDS',
    flag: '--shortcut-run-seconds',
    value: '<seconds>',
    default: '900',
    allowed: '1 to 14400',
    purpose:
      'Maximum duration of one run of the iPhone shortcut, in seconds; automations start the next run.',
    schema: wholeNumber(1, 14_400),
  },
  shortcutsUrl: {
    name: 'HOMING_SHORTCUTS_URL',
    flag: '--shortcuts-url',
    value: '<url|json>',
    default: undefined,
    unset: 'a paired Mac signs the shortcuts, or the owner builds them by hand',
    allowed:
      'URL of a folder with the files of `homing shortcuts build --edition all`, or a JSON object of links: ' +
      '{ "ios-16": { "send": "https://…", "receive": "https://…", "check": "https://…" }, "ios-27": { … } }',
    purpose:
      'Signed shortcuts that are published for every iPhone, without a token; the setup page links to them first.',
    schema: publishedShortcuts,
  },
  sandboxReportTimeoutSeconds: {
    name: 'HOMING_SANDBOX_REPORT_TIMEOUT_SECONDS',
    flag: '--sandbox-report-timeout-seconds',
    value: '<seconds>',
    default: '10',
    allowed: '1 to 3600',
    purpose: 'Report timeout of the sandbox, in seconds.',
    schema: wholeNumber(1, 3_600),
  },
  messageTtlHours: {
    name: 'HOMING_MESSAGE_TTL_HOURS',
    flag: '--message-ttl-hours',
    value: '<hours>',
    default: '24',
    allowed: '1 to 720',
    purpose: 'Time after which an unsent message fails as expired, in hours.',
    schema: wholeNumber(1, 720),
  },
  messagesPerSecond: {
    name: 'HOMING_MESSAGES_PER_SECOND',
    flag: '--messages-per-second',
    value: '<messages>',
    default: String(DEFAULT_PACE.messagesPerSecond),
    allowed: '0 to 100; 0 sets no limit',
    purpose: 'Maximum messages per second for each number without its own pace.',
    schema: wholeNumber(0, 100),
  },
  newContactsPerHour: {
    name: 'HOMING_NEW_CONTACTS_PER_HOUR',
    flag: '--new-contacts-per-hour',
    value: '<contacts>',
    default: String(DEFAULT_PACE.newContactsPerHour),
    allowed: '0 to 10000; 0 sets no limit',
    purpose: 'Maximum new contacts per hour (no messages exchanged in the last 30 days).',
    schema: wholeNumber(0, 10_000),
  },
  newContactsPerDay: {
    name: 'HOMING_NEW_CONTACTS_PER_DAY',
    flag: '--new-contacts-per-day',
    value: '<contacts>',
    default: String(DEFAULT_PACE.newContactsPerDay),
    allowed: '0 to 10000; 0 sets no limit',
    purpose: 'Maximum new contacts per 24 hours (no messages exchanged in the last 30 days).',
    schema: wholeNumber(0, 10_000),
  },
  ramp: {
    name: 'HOMING_RAMP',
    flag: '--ramp',
    value: '<0|1>',
    default: DEFAULT_PACE.ramp ? '1' : '0',
    allowed: '0 or 1',
    purpose:
      'Lower daily limits in the first week of a number: 30 % on the first day, 10 percentage points more on each following day.',
    schema: yesNo,
  },
  timeZone: {
    name: 'HOMING_TIME_ZONE',
    flag: '--time-zone',
    value: '<name>',
    default: DEFAULT_PACE.timeZone,
    allowed: 'a name such as America/New_York',
    purpose: 'Time zone for the quiet hours of numbers without their own time zone.',
    schema: z.string().refine(isTimeZone),
  },
  retentionDays: {
    name: 'HOMING_RETENTION_DAYS',
    flag: '--retention-days',
    value: '<days>',
    default: '0',
    allowed: '0 to 3650; 0 keeps everything',
    purpose: 'Age at which messages are deleted, in days. The deletion runs every night.',
    schema: wholeNumber(0, 3_650),
  },
  drainSeconds: {
    name: 'HOMING_DRAIN_SECONDS',
    flag: '--drain-seconds',
    value: '<seconds>',
    default: undefined,
    unset: '3 if other brokers run on the database, otherwise 0',
    allowed: '0 to 300',
    purpose:
      'Time for which a stopping broker still serves requests, while /readyz returns 503: load balancers need it to ' +
      'choose another broker.',
    schema: wholeNumber(0, 300),
  },
  retentionAt: {
    name: 'HOMING_RETENTION_AT',
    flag: '--retention-at',
    value: '<hh:mm>',
    default: '03:30',
    allowed: '00:00 to 23:59, in the time zone of the machine',
    purpose: 'Time of the nightly deletion.',
    schema: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  },
  smsPriceCents: {
    name: 'HOMING_SMS_PRICE_CENTS',
    flag: '--sms-price-cents',
    value: '<cents>',
    default: '1',
    allowed: '0 to 1000',
    purpose:
      'Price of one SMS segment through the messaging provider, in cents. Messages through your own devices cost 0.',
    schema: wholeNumber(0, 1_000),
  },
  whatsappPriceCents: {
    name: 'HOMING_WHATSAPP_PRICE_CENTS',
    flag: '--whatsapp-price-cents',
    value: '<cents>',
    default: '1',
    allowed: '0 to 1000',
    purpose: 'Price of one WhatsApp segment through the messaging provider, in cents.',
    schema: wholeNumber(0, 1_000),
  },
  allowNumberPurchases: {
    name: 'HOMING_ALLOW_NUMBER_PURCHASES',
    flag: '--allow-number-purchases',
    value: '<0|1>',
    default: '0',
    allowed: '0 or 1',
    purpose: 'Permission for live keys to buy numbers from the messaging provider, at your cost.',
    schema: yesNo,
  },
  twilioAccountSid: {
    name: 'TWILIO_ACCOUNT_SID',
    flag: '--twilio-account-sid',
    value: '<sid>',
    default: undefined,
    unset: 'no messaging provider',
    allowed: 'AC and 32 hexadecimal digits',
    purpose: 'Twilio account that provides numbers, SMS and WhatsApp.',
    schema: z.string().regex(/^AC[0-9a-fA-F]{32}$/),
  },
  twilioAuthToken: {
    name: 'TWILIO_AUTH_TOKEN',
    flag: '--twilio-auth-token-file',
    value: '<file>',
    default: undefined,
    unset: 'no messaging provider',
    allowed: 'the auth token of that account',
    purpose: 'Auth token for requests to Twilio and for the signatures of its callbacks.',
    schema: z.string().min(1),
    isSecret: true,
  },
  twilioBaseUrl: {
    name: 'HOMING_TWILIO_BASE_URL',
    flag: '--twilio-base-url',
    value: '<url>',
    default: undefined,
    unset: 'the URLs of Twilio',
    allowed: 'http:// or https:// URL',
    purpose: 'Base URL that replaces the URLs of Twilio, for tests.',
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  },
  maxDatabaseMegabytes: {
    name: 'HOMING_MAX_DATABASE_MB',
    flag: '--max-database-mb',
    value: '<megabytes>',
    default: '0',
    allowed: '0 to 1000000; 0 sets no limit',
    purpose: 'Maximum size of the database file, in MB. Requests that need more space return 503.',
    schema: wholeNumber(0, 1_000_000),
  },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof SETTINGS;
