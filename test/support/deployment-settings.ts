/** Checks the environment of a broker in deployment files against the settings of the broker. */
import { SETTINGS, type Setting } from '../../broker/settings.ts';

const BY_NAME = new Map<string, Setting>(Object.values(SETTINGS).map((setting) => [setting.name, setting]));

/** Returns one line for each variable that is no setting, and for each invalid value. */
export function settingProblems(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const setting = BY_NAME.get(name);
    if (setting === undefined) return `${name} is not a setting of the broker.`;
    return setting.schema.safeParse(value).success ? [] : `${name}=${value} is invalid: ${setting.allowed}.`;
  });
}
