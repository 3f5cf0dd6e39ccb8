/** Implements `homing senders remove`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { readHandle } from '../../read-handle.ts';
import { localSenderRules, remoteSenderRules } from '../../senders/sender-rule-source.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function sendersRemoveCommand(): Command {
  const command = new Command('remove')
    .description('Remove the rule of a sender. New messages of the sender are in the inbox again.')
    .argument('<sender>', 'phone number in E.164 format, short code or e-mail address')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (given: string, { json }: OutputOptions) => {
      const sender = readHandle('<sender>', given);
      const sources = { local: localSenderRules, remote: remoteSenderRules };
      await withAccount(command, sources, (source) => source.remove(sender));
      if (json) printJson({ handle: sender, removed: true });
      else printNotice(`${sender} has no rule anymore.`);
    }),
  );
}
