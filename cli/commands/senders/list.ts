/** Implements `homing senders list`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import {
  localSenderRules,
  remoteSenderRules,
  type SenderRuleOutput,
} from '../../senders/sender-rule-source.ts';
import { addSettings } from '../../settings-options.ts';
import { action, localTime, type OutputOptions, printJson, printNotice, printTable } from '../../terminal.ts';

export function sendersListCommand(): Command {
  const command = new Command('list')
    .description('List the blocked and allowed senders.')
    .option('--json', 'JSON output, one rule per line');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async ({ json }: OutputOptions) => {
      const sources = { local: localSenderRules, remote: remoteSenderRules };
      await withAccount(command, sources, async (source) => {
        const shown: SenderRuleOutput[] = [];
        for await (const one of source.list()) {
          if (json) printJson(one);
          else shown.push(one);
        }
        if (json) return;
        if (shown.length === 0) {
          printNotice('There are no rules about senders.');
          return;
        }
        printTable(
          ['SENDER', 'ACTION', 'SINCE'],
          shown.map((rule) => [rule.handle, rule.action, localTime(rule.updated_at)]),
        );
      });
    }),
  );
}
