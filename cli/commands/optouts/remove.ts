/** Implements `homing optouts remove`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { localOptOuts, remoteOptOuts } from '../../opt-outs/opt-out-source.ts';
import { readHandle } from '../../read-handle.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function optOutsRemoveCommand(): Command {
  const command = new Command('remove')
    .description('Remove an opt-out: the account may send to the recipient again.')
    .argument('<recipient>', 'phone number in E.164 format, short code or e-mail address')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (given: string, { json }: OutputOptions) => {
      const recipient = readHandle('<recipient>', given);
      const sources = { local: localOptOuts, remote: remoteOptOuts };
      await withAccount(command, sources, (source) => source.remove(recipient));
      if (json) printJson({ recipient, removed: true });
      else printNotice(`The account may send to ${recipient} again.`);
    }),
  );
}
