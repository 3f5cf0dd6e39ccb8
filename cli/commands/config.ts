/** Implements `homing config`: shows every setting, its value and its source. */
import { Command } from 'commander';
import { parseConfig, withoutTokens } from '../../broker/config.ts';
import { addSettings, settingsOf } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printLine, printTable } from '../terminal.ts';

export function configCommand(): Command {
  const command = new Command('config').description('Show every setting, its value and its source.');
  return addSettings(command)
    .option('--json', 'JSON output, one setting per line')
    .option('--markdown', 'table of the settings in Markdown, for the documentation')
    .action(
      action(async (options: OutputOptions & { markdown?: boolean }) => {
        const read = settingsOf(command);
        const settings = Object.values(read);
        if (options.markdown) {
          printLine('| setting | flag | default | allowed | purpose |\n|---|---|---|---|---|');
          for (const { setting } of settings) {
            const fallback = setting.default === undefined ? setting.unset : `\`${setting.default}\``;
            printLine(
              `| \`${setting.name}\` | \`${setting.flag}\` | ${fallback} | ${setting.allowed.replaceAll('|', '\\|')} | ${setting.purpose} |`,
            );
          }
          return;
        }
        const shown = settings.map(({ setting, given, source }) => ({
          name: setting.name,
          value: given === undefined ? null : setting.isSecret ? '(set)' : withoutTokens(given),
          source,
          purpose: setting.purpose,
          allowed: setting.allowed,
        }));
        if (options.json) for (const setting of shown) printJson(setting);
        else {
          printTable(
            ['SETTING', 'VALUE', 'SOURCE', 'PURPOSE'],
            shown.map(({ name, value, source, purpose }) => [name, value ?? '', source, purpose]),
          );
        }
        parseConfig(read);
      }),
    );
}
