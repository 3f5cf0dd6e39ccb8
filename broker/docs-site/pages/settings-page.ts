/** Makes the page of the broker's settings from their table. */
import type { Page } from './page.ts';
import { code, prose, table } from './prose.ts';

export interface ShownSetting {
  name: string;
  flag: string;
  default: string | undefined;
  /** Behaviour without the setting, if there is no default value. */
  unset?: string;
  allowed: string;
  purpose: string;
}

export function settingsPage(settings: readonly ShownSetting[]): Page {
  return {
    path: '/docs/settings',
    heading: 'Settings',
    title: 'Settings of the broker: Homing',
    description:
      'Every setting of the Homing broker: environment variable, flag, default, allowed values and description.',
    markdown: () =>
      [
        '# Settings',
        'A flag of `homing serve` overrides the environment variable, which overrides the default. The broker exits with an ' +
          'error if a setting is invalid. `npx homing config` shows the value of each setting and its source.',
        table(
          ['setting and flag', 'default', 'allowed', 'description'],
          settings.map(({ name, flag, default: fallback, unset = 'none', allowed, purpose }) => [
            `${code(name)} ${code(flag)}`,
            fallback === undefined ? prose(unset) : code(fallback),
            prose(allowed),
            prose(purpose),
          ]),
        ),
      ].join('\n\n'),
  };
}
