/** Adds a flag for each setting of the broker, and reads the settings from flags and the environment. */
import type { Command } from 'commander';
import { type Config, parseConfig, type ReadSetting, readSettings } from '../broker/config.ts';
import { SETTINGS, type Setting, type SettingKey } from '../broker/settings.ts';
import { readSecretFile } from './secret-file.ts';

const ALL = Object.keys(SETTINGS) as SettingKey[];

/** Adds the flags of the given settings. The default is every setting. The database may be outside the data folder. */
export function addSettings(command: Command, keys: readonly SettingKey[] = ALL): Command {
  const withDatabase = keys.includes('dataDir') ? (['databaseUrl'] as const) : [];
  for (const key of new Set([...keys, ...withDatabase])) {
    const { flag, value, purpose, name, default: fallback, unset, isSecret } = SETTINGS[key] as Setting;
    const source = isSecret ? ` The file contains the value of ${name}; - is standard input.` : '';
    command.option(`${flag} ${value}`, `${purpose}${source} [${name}; ${fallback ?? unset}]`);
  }
  return command;
}

export function settingsOf(command: Command): Record<SettingKey, ReadSetting> {
  const options = command.optsWithGlobals<Record<string, unknown>>();
  const flags: Partial<Record<SettingKey, string>> = {};
  for (const key of ALL) {
    const { flag, isSecret } = SETTINGS[key] as Setting;
    const value = options[optionName(flag)];
    if (typeof value === 'string') flags[key] = isSecret ? readSecretFile(flag, value) : value;
  }
  return readSettings(process.env, flags);
}

export function configOf(command: Command): Config {
  return parseConfig(settingsOf(command));
}

/** Returns commander's name of a flag: `--data-dir` → `dataDir`. */
function optionName(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
