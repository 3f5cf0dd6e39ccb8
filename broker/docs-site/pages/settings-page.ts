/** The settings of the broker, as its own literal has them. */
import type { Page } from './page.ts';
import { code, prose, table } from './prose.ts';

export interface ShownSetting {
  name: string;
  flag: string;
  default: string | undefined;
  /** What happens without it, where that is no plain value. */
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
      'Every setting of the Homing broker: environment variable, flag, default, what is allowed and what it is for.',
    markdown: () =>
      [
        '# Settings',
        'A flag of `homing serve` wins over the environment, the environment over the default. A value that cannot be used ' +
          'refuses the start, and says what is allowed. `npx homing config` shows what each one is, and where that comes from.',
        table(
          ['setting and flag', 'default', 'allowed', 'what for'],
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
