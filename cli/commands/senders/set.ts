/** Implements `homing senders block` and `homing senders allow`. */
import { Command } from 'commander';
import type { SenderRuleAction } from '../../../broker/core/model/sender-rule.ts';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { readHandle } from '../../read-handle.ts';
import { localSenderRules, remoteSenderRules } from '../../senders/sender-rule-source.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function sendersSetCommand(name: SenderRuleAction, description: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<sender>', 'phone number in E.164 format, short code or e-mail address')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (given: string, { json }: OutputOptions) => {
      const sender = readHandle('<sender>', given);
      const sources = { local: localSenderRules, remote: remoteSenderRules };
      const rule = await withAccount(command, sources, (source) => source.set(sender, name));
      if (json) printJson(rule);
      else printNotice(`${rule.handle} is ${name === 'block' ? 'blocked' : 'allowed'}.`);
    }),
  );
}
