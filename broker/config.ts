/**
 * Reads the settings from flags and environment variables into the configuration of the broker. The broker exits with an
 * error if a setting is invalid; no value is clamped or replaced.
 */
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Prices } from './core/billing/billing.ts';
import type { PaceDefaults } from './core/model/pace.ts';
import { SETTINGS, type Setting, type SettingKey } from './settings.ts';

type Value<Key extends SettingKey> = z.infer<(typeof SETTINGS)[Key]['schema']>;

/** The value of every setting; undefined for an unset setting without a default. */
export type Config = {
  [Key in SettingKey]: (typeof SETTINGS)[Key]['default'] extends undefined
    ? Value<Key> | undefined
    : Value<Key>;
};

export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

/** Source of a value, for `homing config`. */
export type Source = 'flag' | 'environment' | 'default' | 'unset';

export interface ReadSetting {
  setting: Setting;
  given: string | undefined;
  source: Source;
}

/** A flag overrides the environment variable, which overrides the default. An empty variable counts as unset. */
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

/** Masks device tokens, which a setting contains only by mistake. */
export function withoutTokens(value: string): string {
  return value.replace(/dev_[\w-]+/g, 'dev_…');
}

/** Pairs of settings that require each other. */
const PAIRS = [['twilioAccountSid', 'twilioAuthToken']] as const satisfies [SettingKey, SettingKey][];

/** @throws SettingsError that lists every invalid setting with its value and the allowed values. */
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
      const printed = setting.isSecret ? 'a value' : `'${withoutTokens(given)}'`;
      problems.push(`${name} was given ${printed}; allowed: ${setting.allowed}.`);
    }
  }
  for (const [one, other] of PAIRS) {
    if ((values[one] === undefined) !== (values[other] === undefined) && problems.length === 0) {
      const [has, lacks] = values[one] === undefined ? [other, one] : [one, other];
      problems.push(`${SETTINGS[has].name} was given without ${SETTINGS[lacks].name}; set both or neither.`);
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
